/**
 * What a coroutine or an `await` can wait for: futures, tasks, and the library's own operations.
 *
 * | state     | `_value`             | may become               |
 * |-----------|----------------------|--------------------------|
 * | pending   | undefined            | done, failed, cancelled  |
 * | done      | the result           | – (an operation that finds its wake-up stale: pending) |
 * | failed    | the error            | –                        |
 * | cancelled | the CancelledError   | –                        |
 *
 * Whoever leaves pending wakes the waiters; they run in the next pass, never at once.
 */
import type { CancelledError } from '../errors.ts'
import { COPY_KEY, thisCopy } from '../host/copy.ts'

export const PENDING = 0
export const DONE = 1
export const FAILED = 2
export const CANCELLED = 3
export type State = typeof PENDING | typeof DONE | typeof FAILED | typeof CANCELLED

export interface Waiter {
  /** @internal What was waited for has left the pending state: get ready. Called once for each subscription. */
  _wake(): void
}

export abstract class Waitable {
  /** Keeps the type nominal, so that `yield 5` does not compile. */
  declare private readonly nominal: never

  /** @internal */
  get [COPY_KEY](): string {
    return thisCopy
  }

  /** @internal */
  declare _state: State
  /** The result, the error, or the cancellation; see the table. */
  declare _value: unknown

  constructor() {
    // Not as initializers of the fields: V8 runs those of a class that others extend out of line, for each class on the way.
    // `yield* sleep(0)` went from 101 to 80 ns by this, here and in Operation.
    this._state = PENDING
    this._value = undefined
  }

  /**
   * @internal Wake `waiter` when this is not pending any more; at once where it is not. Returns false where it cannot be
   * waited for like that: an operation that nobody awaited.
   */
  abstract _subscribe(waiter: Waiter): boolean

  /** @internal Forget a waiter that is still to be woken. */
  abstract _unsubscribe(waiter: Waiter): void

  /**
   * @internal Pass a cancellation of the waiter on to what it waits for. Returns false when it is too late for that: this
   * has settled, and the waiter has to throw the error itself.
   */
  abstract _cancelWait(error: CancelledError, reminder: boolean): boolean

  /** @internal The waiter was woken and will take the result. Returns false when it has to wait again. */
  _finish(): boolean {
    return true
  }

  /** @internal The waiter will not take the result: it was cancelled or thrown into. */
  _abandon(): void {}

  /**
   * It has taken effect and cannot be undone, though its awaiter has not run yet: a cancellation that comes now is
   * for the next await.
   */
  get _isCommitted(): boolean {
    return false
  }

  /** @internal What stands behind this one, where it stands for several: a gather, a shield. */
  _members(): Iterable<Waitable> {
    return []
  }

  /** @internal Until when it has time to stop, where it was asked to: the next step of its clock. -Infinity where it was not. */
  _stopsBy(): number {
    return Number.NEGATIVE_INFINITY
  }

  /** @internal Itself in a few words, for the line of whoever waits for it. */
  _brief(): string {
    return String(this)
  }

  /** @internal The result was seen: a failure is nobody's secret any more. */
  _observe(): void {}
}
