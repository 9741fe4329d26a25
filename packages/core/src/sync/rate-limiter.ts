import { Call } from '../coroutine/call.ts'
import { sleep } from '../coroutine/sleep.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { outOfRange } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { Lock } from './lock.ts'

/** What a RateLimiter takes beside its rate. */
export interface RateLimiterOptions {
  /** The period in which `rate` tokens come in, in milliseconds; by default 1,000. */
  per?: number | undefined
  /**
   * How many tokens can be saved up, and so used at once; by default `rate`, and at least 1. No more than `burst` can be taken
   * at a time.
   */
  burst?: number | undefined
}

/** Milliseconds: a sum of many fractions may be off by its last bit. */
const TOLERANCE = 1e-6

/**
 * A token bucket: tokens come in at a steady rate, up to `burst` are saved up, and `acquire` waits until there are enough.
 *
 *     const limiter = new RateLimiter(10)              // ten a second
 *     yield* limiter.acquire()
 *
 * First come, first served, also where the first wants more than is there.
 */
export class RateLimiter {
  readonly #msPerToken: number
  readonly #burst: number
  readonly #line = new Lock()
  /** When the bucket is full again, by the loop's clock: it lacks as many tokens as come in until then. */
  #fullAt = Number.NEGATIVE_INFINITY

  /** A rate of Infinity never waits. @throws RangeError unless rate, period and burst are above 0, and the period is finite. */
  constructor(rate: number, { per = 1000, burst = Math.max(1, rate) }: RateLimiterOptions = {}) {
    for (const [name, value] of Object.entries({ rate, per, burst })) {
      if (typeof value !== 'number' || !(value > 0)) {
        throw outOfRange(`${name} takes a number above 0, and was given ${brief(value)}.`)
      }
    }
    if (per === Number.POSITIVE_INFINITY) {
      throw outOfRange('per takes a finite time. To give out a fixed number of permits, use a Semaphore.')
    }
    this.#msPerToken = per / rate
    this.#burst = burst
  }

  /**
   * Take `tokens`, waiting until they have come in. A checkpoint only where it waits. Cancelled: none was taken.
   * @throws RangeError for 0 or less, and for more than the burst, which never come together.
   */
  acquire(tokens = 1): Awaitable<void> {
    this.#check(tokens)
    return new Call(this.#take, [tokens], 'rateLimiter.acquire', 1, this)
  }

  /** Take `tokens` if they are there, and nobody waits. Never suspends. Throws as `acquire`. */
  tryAcquire(tokens = 1): boolean {
    this.#check(tokens)
    if (!this.#line.tryAcquire()) return false
    const isThere = this.#msUntil(tokens) <= TOLERANCE
    if (isThere) this.#use(tokens)
    this.#line.release()
    return isThere
  }

  *#take(tokens: number): Coroutine {
    yield* this.#line.acquire()
    try {
      const ms = this.#msUntil(tokens)
      if (ms > TOLERANCE) yield* sleep(ms)
      this.#use(tokens)
    } finally {
      this.#line.release()
    }
  }

  #msUntil(tokens: number): number {
    if (this.#msPerToken === 0) return 0
    return this.#msLacking() + (tokens - this.#burst) * this.#msPerToken
  }

  #use(tokens: number): void {
    this.#fullAt = loopForWork().time() + this.#msLacking() + tokens * this.#msPerToken
  }

  #msLacking(): number {
    return Math.max(0, this.#fullAt - loopForWork().time())
  }

  #check(tokens: number): void {
    if (typeof tokens !== 'number' || !(tokens > 0) || tokens > this.#burst) {
      throw outOfRange(
        `acquire() takes more than 0 and up to ${this.#burst} tokens, and was given ${brief(tokens)}.`,
      )
    }
  }

  toString(): string {
    return `<RateLimiter ${1000 / this.#msPerToken}/s burst=${this.#burst} waiting=${this.#line._line.live}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}
