import { Call } from '../coroutine/call.ts'
import { sleep } from '../coroutine/sleep.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { outOfRange } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'

/** Ticks at a steady pace; what `interval` makes. */
export class Interval implements AsyncIterable<number> {
  readonly #ms: number
  #began: number | null = null
  /** The number of the last tick that was waited for. */
  #tick = 0

  /** @internal */
  constructor(ms: number) {
    this.#ms = ms
  }

  /**
   * Wait for the next tick, and return its number: 1, 2, 3, … Ticks that were missed meanwhile are left out. A checkpoint.
   * Cancelled: the tick is the next wait's.
   */
  next(): Awaitable<IteratorResult<number, never>> {
    return new Call(this.#wait, [], 'interval.next', 0, this) as Awaitable<IteratorResult<number, never>>
  }

  *#wait(): Coroutine<IteratorResult<number, never>> {
    const loop = loopForWork()
    this.#began ??= loop.time()
    const elapsed = loop.time() - this.#began
    const before = this.#tick
    const tick = Math.max(before + 1, Math.ceil(elapsed / this.#ms))
    this.#tick = tick
    try {
      yield* sleep(this.#began + tick * this.#ms - loop.time())
    } catch (error) {
      if (this.#tick === tick) this.#tick = before
      throw error
    }
    return { done: false, value: tick }
  }

  [Symbol.asyncIterator](): AsyncIterator<number, never> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<number, never>
  }

  toString(): string {
    return `<Interval ${this.#ms} ms>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/**
 * A stream that ticks every `ms` milliseconds, counted from the first `next()`; the time its consumer takes does not add up.
 *
 *     for await (const tick of interval(1000)) await report()
 *
 * Cancelling the wait misses no tick. There is nothing to close.
 *
 * @throws RangeError unless `ms` is a number above 0.
 */
export function interval(ms: number): Interval {
  if (typeof ms !== 'number' || !(ms > 0)) {
    throw outOfRange(`interval() takes more than 0 milliseconds, and was given ${brief(ms)}.`)
  }
  return new Interval(ms)
}
