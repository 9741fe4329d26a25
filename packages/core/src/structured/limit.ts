import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { outOfRange } from '../errors.ts'
import { checkFunction } from '../host/checks.ts'
import { brief } from '../host/inspect.ts'
import { Semaphore } from '../sync/semaphore.ts'

/** Runs functions, so many at once; what `limit` makes. */
export interface Limit {
  /** Run `fn(...args)` when its turn has come. It gets in line when awaited. */
  <Args extends unknown[], R>(fn: (...args: Args) => R & Checked<R>, ...args: Args): Awaitable<Result<R>>
  /** How many run now. */
  readonly activeCount: number
  /** How many wait for their turn. */
  readonly pendingCount: number
}

/**
 * Limit how many calls run at once, in the shape of p-limit.
 *
 *     const limited = limit(5)
 *     const pages = yield* gather(...urls.map((url) => limited(fetchPage, url)))
 *
 * First come, first served. A call that is cancelled while it waits leaves the line. A checkpoint where it waits, or the function
 * suspends.
 *
 * @throws RangeError unless `concurrency` is an integer of 1 or more; what it returns TypeError for anything but a function.
 */
export function limit(concurrency: number): Limit {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw outOfRange(`limit() takes an integer of 1 or more, and was given ${brief(concurrency)}.`)
  }
  const permits = new Semaphore(concurrency)
  let active = 0

  function* runLimited(fn: (...args: never[]) => unknown, ...args: unknown[]): Coroutine<unknown> {
    yield* permits.acquire()
    active++
    try {
      return yield runInside(fn, args)
    } finally {
      active--
      permits.release()
    }
  }

  const run = (fn: (...args: never[]) => unknown, ...args: unknown[]) => {
    checkFunction('What limit() gives', 'a function and its arguments', fn)
    return new Call(runLimited, [fn, ...args], 'limit')
  }
  // What defineProperties adds, its type does not tell.
  return Object.defineProperties(run, {
    activeCount: { get: () => active },
    pendingCount: { get: () => permits._line.live },
  }) as unknown as Limit
}
