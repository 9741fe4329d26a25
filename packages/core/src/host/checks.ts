/** Checks of arguments that many functions take. */
import { misuse, outOfRange } from '../errors.ts'
import { brief } from './inspect.ts'

/**
 * A time limit in milliseconds, or a deadline, where null means none.
 * @throws TypeError where it is no number, RangeError where it is NaN
 */
export function checkLimit(taker: string, limit: unknown): void {
  if (limit === null) return
  if (typeof limit !== 'number') {
    throw misuse(`${taker} takes milliseconds, or null for no limit, and was given ${brief(limit)}.`)
  }
  if (Number.isNaN(limit))
    throw outOfRange(`${taker} takes milliseconds, or null for no limit, and was given NaN.`)
}

/** @throws TypeError where it is no function; `what` says what it is for: `a function to run` */
export function checkFunction(taker: string, what: string, fn: unknown): void {
  if (typeof fn !== 'function') throw misuse(`${taker} takes ${what}, and was given ${brief(fn)}.`)
}
