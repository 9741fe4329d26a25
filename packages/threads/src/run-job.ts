import type { Coroutine } from 'polvo'
import type { Crew } from './crew.ts'
import type { Job } from './job.ts'

/**
 * Have a job done as a part of this task: a cancellation goes on only when no worker has the job any more, so
 * nothing is left running behind who gave it. A second cancellation does not wait for that. What the work throws in
 * its clean-up replaces the cancellation.
 */
export function* runJob(crew: Crew, job: Job): Coroutine<unknown> {
  crew.take(job)
  try {
    return yield* job.future
  } catch (error) {
    if (!job.future.cancelled()) throw error
    crew.cancel(job)
    yield* job.whenOver()
    throw job.lateError === null ? error : job.lateError.error
  } finally {
    if (!job.future.done()) job.future.cancel('nobody waits for it')
    if (job.future.cancelled()) crew.cancel(job)
  }
}
