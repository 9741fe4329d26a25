import { Call } from '../coroutine/call.ts'
import { Future } from '../coroutine/future.ts'
import { Subscription } from '../coroutine/subscription.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { FAILED } from '../coroutine/waitable.ts'
import { isCancelled, misuse, outOfRange } from '../errors.ts'
import { checkLimit } from '../host/checks.ts'
import { brief } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { Timer } from '../loop/timer.ts'

/** Return when one is done, however it ended. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED'
/** Return when one has failed (a cancelled one has not), or all are done. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION'
/** Return when all are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED'

/** When `wait` returns. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED

/** What `wait` takes beside the futures. */
export interface WaitOptions {
  /**
   * Return after this many milliseconds at the latest. Nothing is cancelled then, and nothing thrown. By default there is no
   * limit.
   */
  timeout?: number | null | undefined
  /** How many have to be done; by default ALL_COMPLETED. */
  returnWhen?: ReturnWhen | undefined
}

/**
 * Wait for some of several futures or tasks, and return two sets: those that are done, and those that are pending. It
 * cancels nothing, also when it is cancelled itself, and throws none of their errors; look at them yourself. A checkpoint, also
 * where all are done.
 *
 *     const [done, pending] = yield* wait(tasks, { returnWhen: FIRST_COMPLETED })
 *     for (const task of pending) task.cancel()
 *
 * @throws RangeError for an empty collection or an unknown `returnWhen`, TypeError for anything but futures and tasks.
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): Awaitable<[done: Set<F>, pending: Set<F>]> {
  return new Call(waitForSome, [futures, options], 'wait', 1)
}

function* waitForSome(
  given: Iterable<Future>,
  { timeout = null, returnWhen = ALL_COMPLETED }: WaitOptions,
): Coroutine<[Set<Future>, Set<Future>]> {
  const futures = checkFutures(given)
  checkLimit('wait({ timeout })', timeout)
  if (![FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED].includes(returnWhen)) {
    throw outOfRange(
      `wait() returns when FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED; it was given ${brief(returnWhen)}.`,
    )
  }
  yield* untilEnough(futures, timeout, returnWhen)
  const done = new Set<Future>()
  const pending = new Set<Future>()
  for (const future of futures) (future.done() ? done : pending).add(future)
  return [done, pending]
}

function* untilEnough(futures: Set<Future>, timeout: number | null, returnWhen: ReturnWhen): Coroutine {
  const loop = loopForWork()
  const enough = new Enough(futures)
  const finish = () => {
    if (!enough.done()) enough.setResult()
  }
  let missing = futures.size
  const listener = (future: Future) => {
    missing--
    const isFirst = returnWhen === FIRST_COMPLETED || (returnWhen === FIRST_EXCEPTION && hasFailed(future))
    if (missing === 0 || isFirst) finish()
  }
  const timer = timeout === null ? null : Timer.at(loop, loop.time() + timeout, finish)
  const subscriptions = [...futures].map((future) => new Subscription(loop, future, listener))
  try {
    yield* enough
  } finally {
    timer?.cancel()
    for (const subscription of subscriptions) subscription.end()
  }
}

/** Settles when enough of several futures are done. */
class Enough extends Future<void> {
  readonly #futures: Iterable<Future>

  constructor(futures: Iterable<Future>) {
    super()
    this.#futures = futures
  }

  /** @internal */
  override _members(): Iterable<Future> {
    return this.#futures
  }
}

function hasFailed(future: Future): boolean {
  return future._state === FAILED && !isCancelled(future._value)
}

function checkFutures(given: Iterable<Future>): Set<Future> {
  if (given instanceof Future || typeof given?.[Symbol.iterator] !== 'function') {
    throw misuse(`wait() takes several tasks, in an array or set, and was given ${brief(given)}.`)
  }
  const futures = new Set(given)
  if (futures.size === 0) throw outOfRange('wait() needs at least one task, and was given none.')
  for (const future of futures) {
    if (!(future instanceof Future)) {
      throw misuse(
        `wait() takes tasks and futures, and was given ${brief(future)}. Start it with createTask() first.`,
      )
    }
  }
  return futures
}
