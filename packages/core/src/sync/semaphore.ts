import type { Awaitable } from '../coroutine/types.ts'
import { outOfRange } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { type Held, hold } from './held.ts'
import { LineWait, WaitLine } from './wait-line.ts'

/**
 * A counter of permits: `acquire` takes one, waiting in line while there are none, `release` gives one back. It limits how
 * many tasks do something at once. asyncio's `Semaphore`.
 */
export class Semaphore {
  #permits: number
  /** @internal */
  readonly _line = new WaitLine()

  /** @throws RangeError unless `permits` is an integer of 0 or more. */
  constructor(permits = 1) {
    if (!Number.isInteger(permits) || permits < 0) {
      throw outOfRange(`A semaphore starts with 0 or more permits, and was given ${brief(permits)}.`)
    }
    this.#permits = permits
  }

  /** Whether `acquire` would wait: no permit is left, or somebody waits already. */
  locked(): boolean {
    return this.#permits === 0 || this._line.live > 0
  }

  /** Take a permit. A checkpoint only where it waits. Cancelled: none was taken. */
  acquire(): Awaitable<true> {
    return new Acquire(this)
  }

  /** Take a permit if there is one and nobody waits. Never suspends. */
  tryAcquire(): boolean {
    if (this.locked()) return false
    this.#permits--
    return true
  }

  /** Take a permit as something to dispose of; see `Lock.hold`. */
  hold(): Awaitable<Held> {
    return hold(this, 'semaphore')
  }

  /** As a resource: `use(semaphore, body)` runs the body with a permit. */
  enter(): Awaitable<true> {
    return this.acquire()
  }

  /** Give the permit back. */
  exit(): void {
    this.release()
  }

  /** Give a permit back; the first waiter gets it. It need not be the task that took it. */
  release(): void {
    this.#permits++
    this._wakeNext()
  }

  /** @internal Hand permits to waiters, as far as they go. */
  _wakeAsPossible(): void {
    while (this.#permits > 0 && this._wakeNext());
  }

  /** @internal */
  _giveBack(): void {
    this.#permits++
  }

  /** @internal A woken waiter has its permit from this moment, so that nobody can take it before it runs. */
  _wakeNext(): boolean {
    if (this._line.wakeNext() === null) return false
    this.#permits--
    return true
  }

  /** How many permits are left. */
  protected get permits(): number {
    return this.#permits
  }

  toString(): string {
    return `<${this.constructor.name} permits=${this.#permits} waiters=${this._line.live}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** A semaphore that refuses to be released more often than it was acquired. asyncio's `BoundedSemaphore`. */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number

  constructor(permits = 1) {
    super(permits)
    this.#bound = permits
  }

  /** Give a permit back; the first waiter gets it. @throws RangeError when all permits are back already. */
  override release(): void {
    if (this.permits >= this.#bound) {
      throw outOfRange(
        `The semaphore was released too many times: all of its ${this.#bound} permits are back.`,
      )
    }
    super.release()
  }
}

class Acquire extends LineWait<true> {
  readonly #semaphore: Semaphore

  constructor(semaphore: Semaphore) {
    super(semaphore._line)
    this.#semaphore = semaphore
    this._value = true
  }

  override _describe(): string {
    return 'semaphore.acquire()'
  }

  protected override _begin(): boolean {
    return this.#semaphore.tryAcquire() || this.join()
  }

  protected override _resume(): boolean {
    this.leave()
    this.#semaphore._wakeAsPossible()
    return true
  }

  protected override _withdraw(): void {
    this.leave()
    this.#semaphore._wakeAsPossible()
  }

  protected override _handBack(): void {
    this.leave()
    this.#semaphore._giveBack()
    this.#semaphore._wakeAsPossible()
  }
}
