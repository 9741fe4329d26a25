import { Call } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { type CancelledError, InvalidStateError, isCancelled } from '../errors.ts'
import { inspectKey } from '../host/inspect.ts'
import type { Held } from './held.ts'
import { Lock } from './lock.ts'
import { LineWait, WaitLine } from './wait-line.ts'

/**
 * A condition: tasks that hold its lock wait until another task, holding it too, notifies them. A waiter may wake for nothing,
 * so check what you waited for, or use `waitFor`.
 *
 *     yield* use(condition, function* () {
 *       yield* condition.waitFor(() => items.length > 0)
 *     })
 *
 * asyncio's `Condition`.
 */
export class Condition {
  readonly #lock: Lock
  /** @internal */
  readonly _line = new WaitLine()

  /** Several conditions may share a lock. */
  constructor(lock: Lock = new Lock()) {
    this.#lock = lock
  }

  /** Whether somebody holds the lock. */
  locked(): boolean {
    return this.#lock.locked()
  }

  /** Take the lock; see `Lock.acquire`. */
  acquire(): Awaitable<true> {
    return this.#lock.acquire()
  }

  /** Give the lock back; see `Lock.release`. */
  release(): void {
    this.#lock.release()
  }

  /** Take the lock as something to dispose of; see `Lock.hold`. */
  hold(): Awaitable<Held> {
    return this.#lock.hold()
  }

  /** As a resource: `use(condition, body)` runs the body with the lock held. */
  enter(): Awaitable<true> {
    return this.acquire()
  }

  /** Give the lock back. */
  exit(): void {
    this.release()
  }

  /**
   * Release the lock, wait for a notification, and take the lock again. It is taken again however often the wait is
   * cancelled, and a notification that a cancelled waiter got is passed on. A checkpoint.
   *
   * @throws InvalidStateError when the lock is not held.
   */
  wait(): Awaitable<true> {
    return new Call(waitForNotice, [this], 'condition.wait', 0)
  }

  /**
   * Wait until `predicate()` is truthy, and return what it gave. A checkpoint only where it is not at first. Otherwise as
   * `wait`.
   */
  waitFor<T>(predicate: () => T): Awaitable<T> {
    return new Call(waitUntil, [this, predicate], 'condition.waitFor', 0)
  }

  /**
   * Wake up to `count` waiters, in the order they came; they go on once they have the lock.
   * @throws InvalidStateError when the lock is not held.
   */
  notify(count = 1): void {
    if (!this.locked())
      throw new InvalidStateError('notify() needs the lock of the condition; acquire it first.')
    this._wake(count)
  }

  /** Wake all waiters. @throws InvalidStateError when the lock is not held. */
  notifyAll(): void {
    this.notify(Number.POSITIVE_INFINITY)
  }

  /** @internal The code around `wait()` was ended before it had the lock again, and thinks it holds it. */
  _lockWasLost(): void {
    this._wake(1)
    this.#lock._wasLost()
  }

  /** @internal */
  _wake(count: number): void {
    for (let left = count; left > 0 && this._line.wakeNext() !== null; left--);
  }

  toString(): string {
    return `<Condition ${this.locked() ? 'locked' : 'unlocked'} waiters=${this._line.live}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

function* waitForNotice(condition: Condition): Coroutine<true> {
  if (!condition.locked()) {
    throw new InvalidStateError('wait() needs the lock of the condition; acquire it first.')
  }
  condition.release()
  let isHeld = false
  try {
    let cancellation: unknown = null
    try {
      yield* new Notice(condition)
    } catch (error) {
      cancellation = error
    }
    cancellation = (yield* takeLockAgain(condition)) ?? cancellation
    isHeld = true
    if (cancellation === null) return true
    condition._wake(1)
    throw cancellation
  } finally {
    if (!isHeld) condition._lockWasLost()
  }
}

/**
 * However often it is cancelled meanwhile: the code around `wait()` counts on holding the lock. Returns the last cancellation.
 */
function* takeLockAgain(condition: Condition): Coroutine<CancelledError | null> {
  let cancellation: CancelledError | null = null
  for (;;) {
    try {
      yield* condition.acquire()
      return cancellation
    } catch (error) {
      if (!isCancelled(error)) throw error
      cancellation = error
    }
  }
}

function* waitUntil<T>(condition: Condition, predicate: () => T): Coroutine<T> {
  for (;;) {
    const result = predicate()
    if (result) return result
    yield* condition.wait()
  }
}

class Notice extends LineWait<void> {
  constructor(condition: Condition) {
    super(condition._line)
  }

  override _describe(): string {
    return 'condition.wait()'
  }

  protected override _begin(): boolean {
    return this.join()
  }

  protected override _resume(): boolean {
    this.leave()
    return true
  }

  protected override _handBack(): void {
    this.leave()
  }
}
