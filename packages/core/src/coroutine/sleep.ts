import { misuse, outOfRange } from '../errors.ts'
import { emptyContext, type PlatformContext } from '../host/async-context.ts'
import { brief } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { isLinked, type Linked } from '../loop/linked-list.ts'
import type { Scheduler, TimedEntry } from '../loop/scheduler.ts'
import { PASSING } from './frame.ts'
import { bringThenNear, CLAIMED, Operation, OVER } from './operation.ts'
import type { Awaitable, Suspension } from './types.ts'
import { DONE, PENDING } from './waitable.ts'

/**
 * Suspend for `ms` milliseconds, never less, then return `value`. A checkpoint, also when it takes no time: 0 or less is
 * one pass of the loop. `Infinity` sleeps until cancelled. Cancelling ends it at once and frees its timer.
 *
 * @throws RangeError for NaN, TypeError for anything but a number.
 */
export function sleep<T = void>(ms: number, value?: T): Awaitable<T> {
  if (typeof ms !== 'number') throw misuse(`sleep() takes milliseconds, and was given ${brief(ms)}.`)
  if (Number.isNaN(ms)) throw outOfRange('sleep() takes milliseconds, and was given NaN.')
  return (ms > 0 ? new Sleep(ms, value) : new Pass(value)) as Awaitable<unknown> as Awaitable<T>
}

/** Let everything else that is ready run once, and be cancelled here if the task was: one pass of the loop, as `sleep(0)`. */
export function checkpoint(): Awaitable<void> {
  return new Pass(undefined) as Awaitable<unknown> as Awaitable<void>
}

class Sleep extends Operation<unknown> implements TimedEntry {
  /** @internal */
  _when = 0
  /** @internal */
  _prev: Linked | null = null
  /** @internal */
  _next: Linked | null = null
  readonly #ms: number
  #loop: Scheduler | null = null

  constructor(ms: number, result: unknown) {
    super()
    this.#ms = ms
    this._value = result
  }

  override _describe(): string {
    return `sleep(${this.#ms})`
  }

  protected override _begin(): boolean {
    this.#loop = loopForWork()
    this._when = this.#loop.time() + this.#ms
    this.#loop._addTimer(this)
    return false
  }

  protected override _resume(): boolean {
    return true
  }

  protected override _withdraw(): void {
    if (isLinked(this)) this.#loop?._removeTimer(this)
  }

  protected override _handBack(): void {}

  /** @internal The time is up; the sleeper runs in the next pass. */
  _run(): void {
    if (this._state === PENDING) this._wakeUp()
  }

  /** @internal */
  get _platform(): PlatformContext | null {
    return emptyContext
  }
}

/** What a pass without a result returns. */
const PASSED: IteratorResult<never, unknown> = { done: true, value: undefined }

/** A bare yield as an operation. */
class Pass extends Operation<unknown> {
  static {
    bringThenNear(this)
  }

  constructor(result: unknown) {
    super()
    this._value = result
  }

  override _describe(): string {
    return 'sleep(0)'
  }

  /** Yields nothing, which the driver turns into a pass without any bookkeeping. */
  override next(): IteratorResult<Suspension, unknown> {
    if (this._stage !== CLAIMED)
      return this._value === undefined ? PASSED : { done: true, value: this._value }
    this._stage = OVER
    return PASSING
  }

  /** It wakes as soon as somebody waits for it. */
  protected override _begin(): boolean {
    this._state = DONE
    return false
  }

  protected override _resume(): boolean {
    return true
  }

  protected override _withdraw(): void {}

  protected override _handBack(): void {}
}
