/** What runs functions somewhere else than on the loop, after PEP 3148: a pool of threads or of processes. */
import type { Future } from '../coroutine/future.ts'
import { InvalidStateError, misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'

/** The two methods a pool needs to work with `loop.runInExecutor()`. */
export interface Executor {
  /**
   * Have `fn(...args)` run, and return a future of the running loop for its result. Work that waits for its turn is to be
   * dropped when the future is cancelled; work that has begun may go on.
   */
  submit<Args extends unknown[], R>(fn: (...args: Args) => R, ...args: Args): Future<Awaited<R>>

  /** Take no more work, and end once the work taken is done. A second call waits for the same. */
  shutdown(): PromiseLike<void>
}

export function checkExecutor(taker: string, executor: Executor): void {
  if (typeof executor?.submit === 'function' && typeof executor.shutdown === 'function') return
  throw misuse(`${taker}() takes an executor, with submit() and shutdown(); it was given ${brief(executor)}.`)
}

export function noDefaultExecutor(): InvalidStateError {
  return new InvalidStateError(
    'runInExecutor(null, …) takes the default executor of the loop, and there is none. Call setDefaultExecutor() first, or name an executor.',
  )
}
