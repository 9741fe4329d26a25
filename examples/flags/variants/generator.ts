/** The generator spelling: `yield*` is await. */
import { ClientSession } from '@polvo/http'
import { type Coroutine, forEach, from, rethrowCancelled, use } from 'polvo'
import { FlagFile } from '../flag-file.ts'
import type { Job } from '../job.ts'
import type { Status } from '../report.ts'

function* getFlag(job: Job, session: ClientSession, code: string): Coroutine<Status> {
  return yield* use(session.get(job.urlOf(code)), function* (response): Coroutine<Status> {
    if (response.status === 404) return 'not found'
    response.raiseForStatus()
    yield* use(new FlagFile(job.folder, code), (file) =>
      forEach(response, function* (chunk) {
        yield* from(file.write(chunk))
      }),
    )
    return 'ok'
  })
}

function* downloadOne(job: Job, session: ClientSession, code: string): Coroutine {
  try {
    job.done(code, yield* getFlag(job, session, code))
  } catch (error) {
    rethrowCancelled(error)
    job.done(code, 'error', error)
  }
}

export function* downloadMany(job: Job): Coroutine {
  yield* use(new ClientSession({ limit: job.concurrency }), (session) =>
    forEach(job.codes, (code) => downloadOne(job, session, code), { concurrency: job.concurrency }),
  )
}
