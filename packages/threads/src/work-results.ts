import type { Awaitable, Coroutine } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import type { Crew } from './crew.ts'
import type { Job } from './job.ts'

/**
 * The results of `executor.map()`, in the order of the items: `for await` and `forEach` go through them.
 *
 * The first error, or a cancellation of who waits, ends it: the jobs that are left are cancelled and waited for. So
 * does leaving a loop early.
 */
export class WorkResults<T> implements AsyncIterable<T> {
  readonly #crew: Crew
  readonly #make: Iterator<Job>
  readonly #bufferSize: number
  readonly #underWay: Job[] = []
  #isOver = false

  /** @internal */
  constructor(crew: Crew, jobs: Iterable<Job>, bufferSize: number) {
    this.#crew = crew
    this.#make = jobs[Symbol.iterator]()
    this.#bufferSize = bufferSize
    try {
      this.#fill()
    } catch (error) {
      this.#cancelRest()
      throw error
    }
  }

  /** The next result. A checkpoint, unless it is there. @throws what the work threw, in its place */
  next(): Awaitable<IteratorResult<T, undefined>> {
    return namedCall('results.next()', this.#next.bind(this)) as Awaitable<IteratorResult<T, undefined>>
  }

  /** No more results are wanted: cancel what is under way, and wait for it. A second call does nothing. */
  return(): Awaitable<IteratorResult<T, undefined>> {
    return namedCall('results.return()', this.#end.bind(this)) as Awaitable<IteratorResult<T, undefined>>
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<T, undefined>
  }

  *#next(): Coroutine<IteratorResult<unknown, undefined>> {
    const job = this.#underWay[0]
    if (this.#isOver || job === undefined) return yield* this.#end()
    try {
      const value = yield* job.future
      this.#underWay.shift()
      this.#fill()
      return { done: false, value }
    } catch (error) {
      yield* this.#end()
      throw error
    }
  }

  *#end(): Coroutine<IteratorResult<unknown, undefined>> {
    for (const job of this.#cancelRest()) yield* job.whenOver()
    return { done: true, value: undefined }
  }

  #cancelRest(): Job[] {
    this.#isOver = true
    const rest = this.#underWay.splice(0)
    for (const job of rest) {
      job.future.cancel('its result is not wanted any more')
      this.#crew.cancel(job)
    }
    this.#make.return?.()
    return rest
  }

  #fill(): void {
    while (!this.#isOver && this.#underWay.length < this.#bufferSize) {
      const { done, value } = this.#make.next()
      if (done === true) return
      this.#crew.take(value)
      this.#underWay.push(value)
    }
  }
}
