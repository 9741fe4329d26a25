import type { Awaitable } from '../coroutine/types.ts'
import { InvalidStateError } from '../errors.ts'
import { inspectKey } from '../host/inspect.ts'
import { taskHere } from '../loop/current.ts'
import { type Held, hold } from './held.ts'
import { LineWait, WaitLine } from './wait-line.ts'

/**
 * A lock: one task at a time holds it, the others wait in the order they came. Not reentrant, and not bound to the task that
 * took it.
 *
 *     yield* lock.acquire()
 *     try { … } finally { lock.release() }
 *
 * asyncio's `Lock`.
 */
export class Lock {
  #isLocked = false
  /** Tasks that lost the lock without knowing: until they take it again, a release gives nothing back. */
  #losers: Set<unknown> | null = null
  /** @internal */
  readonly _line = new WaitLine()

  /** Whether somebody holds it. */
  locked(): boolean {
    return this.#isLocked
  }

  /** Take the lock, waiting while it is held or others wait. A checkpoint only where it waits. Cancelled: not taken. */
  acquire(): Awaitable<true> {
    return new Acquire(this)
  }

  /** Take the lock if that is possible at once. Never suspends. */
  tryAcquire(): boolean {
    if (this.#isLocked || this._line.live > 0) return false
    this._take()
    return true
  }

  /** Take the lock as something to dispose of: `using held = await lock.hold()` gives it back at the end of the block. */
  hold(): Awaitable<Held> {
    return hold(this, 'lock')
  }

  /** As a resource: `use(lock, body)` runs the body with the lock held. */
  enter(): Awaitable<true> {
    return this.acquire()
  }

  /** Give the lock back. */
  exit(): void {
    this.release()
  }

  /**
   * Give the lock back; the first waiter gets it in the next pass, and nobody overtakes it.
   * @throws InvalidStateError when it is not locked.
   */
  release(): void {
    if (this.#losers?.delete(taskHere())) return
    if (!this.#isLocked)
      throw new InvalidStateError('release() of a lock that is not locked; acquire it first.')
    this.#isLocked = false
    this._line.wakeHead()
  }

  /** @internal The current task takes the lock: its next release is one of this. */
  _take(): void {
    this.#isLocked = true
    this.#losers?.delete(taskHere())
  }

  /** @internal The task that runs does not hold it though its code thinks so, and will release it. */
  _wasLost(): void {
    this.#losers ??= new Set()
    this.#losers.add(taskHere())
  }

  /** @internal A waiter gave up: the wake-up it may have had is the next one's. */
  _passOn(): void {
    if (!this.#isLocked) this._line.wakeHead()
  }

  toString(): string {
    return `<Lock ${this.#isLocked ? 'locked' : 'unlocked'} waiters=${this._line.live}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

class Acquire extends LineWait<true> {
  readonly #lock: Lock

  constructor(lock: Lock) {
    super(lock._line)
    this.#lock = lock
    this._value = true
  }

  override _describe(): string {
    return 'lock.acquire()'
  }

  protected override _begin(): boolean {
    return this.#lock.tryAcquire() || this.join()
  }

  protected override _resume(): boolean {
    this.leave()
    this.#lock._take()
    return true
  }

  protected override _withdraw(): void {
    this.leave()
    this.#lock._passOn()
  }

  protected override _handBack(): void {
    this.leave()
    this.#lock._passOn()
  }
}
