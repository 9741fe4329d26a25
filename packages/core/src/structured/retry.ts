import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import { sleep } from '../coroutine/sleep.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { isCancelled, misuse, outOfRange } from '../errors.ts'
import { asPredicate, type ErrorCondition } from '../exception-group.ts'
import { checkFunction } from '../host/checks.ts'
import { brief } from '../host/inspect.ts'

/** What `retry` takes beside its body. What cannot be is a TypeError or RangeError. */
export interface RetryOptions {
  /** How often to try at the most, the first time included; by default 3. */
  attempts?: number | undefined
  /** Milliseconds before the second try; by default 100, 0 for one pass of the loop. */
  delay?: number | undefined
  /** Each delay is so many times the one before; by default 2. */
  factor?: number | undefined
  /** No delay is longer than this; by default 30,000 ms. */
  maxDelay?: number | undefined
  /** Which share of a delay is left to chance, from 0 to 1, so that many do not come back at once; by default 0.5. */
  jitter?: number | undefined
  /** Which errors to try again after: a class or a predicate; by default all. A cancellation never is. */
  on?: ErrorCondition | undefined
  /** A number from 0 to 1 for the jitter; by default Math.random. */
  random?: (() => number) | undefined
}

/**
 * Run `body` again when it fails, after a delay that grows each time. Throws the last error when all attempts have failed, and
 * at once one that is not to be tried again. The body is given the number of the attempt, from 1.
 *
 *     const page = yield* retry(() => fetchPage(url), { attempts: 5, on: ConnectionError })
 *
 * A cancellation ends it at once, during an attempt as between two. A checkpoint where the body is, and after each failure that
 * is tried again.
 */
export function retry<R>(
  body: (attempt: number) => R & Checked<R>,
  options: RetryOptions = {},
): Awaitable<Result<R>> {
  if (typeof body !== 'function') {
    throw misuse(`retry() takes a function to run, and was given ${brief(body)}.`)
  }
  const { attempts = 3, delay = 100, factor = 2, maxDelay = 30_000, jitter = 0.5 } = options
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw outOfRange(`attempts takes an integer of 1 or more, and was given ${brief(attempts)}.`)
  }
  for (const [name, value] of Object.entries({ delay, factor, maxDelay, jitter })) {
    if (typeof value !== 'number' || !(value >= 0)) {
      throw outOfRange(`${name} takes a number of 0 or more, and was given ${brief(value)}.`)
    }
  }
  if (jitter > 1) throw outOfRange(`jitter takes a share from 0 to 1, and was given ${jitter}.`)
  const { on = () => true, random = Math.random } = options
  checkFunction('retry({ on })', 'an error class or a predicate', on)
  checkFunction('retry({ random })', 'a function that gives a number from 0 to 1', random)
  const delayAfter = (attempt: number) => {
    const grown = delay === 0 ? 0 : delay * factor ** (attempt - 1)
    const full = Math.min(grown, maxDelay)
    return full * (1 - jitter * random())
  }
  return new Call(tryAgain, [body, attempts, asPredicate(on), delayAfter], 'retry', 1)
}

function* tryAgain(
  body: (attempt: number) => unknown,
  attempts: number,
  isWorthIt: (error: unknown) => boolean,
  delayAfter: (attempt: number) => number,
): Coroutine<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return yield runInside(body, [attempt])
    } catch (error) {
      if (isCancelled(error) || attempt >= attempts || !isWorthIt(error)) throw error
    }
    yield* sleep(delayAfter(attempt))
  }
}
