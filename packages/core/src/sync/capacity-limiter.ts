import { Call } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { type CancelledError, InvalidStateError, outOfRange } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { taskHere } from '../loop/current.ts'
import { type Held, hold } from './held.ts'
import { LineWait, WaitLine } from './wait-line.ts'

/**
 * A semaphore that knows who holds its tokens: nobody takes two, which would be a deadlock waiting to happen, and its size can be
 * changed while it is in use. The borrower is the current task, or any object on whose behalf a token is taken. Trio's
 * `CapacityLimiter`.
 */
export class CapacityLimiter {
  #total: number
  readonly #borrowers = new Set<object>()
  /** Who stands in line and has no token yet: as long as there is one, no token is available. */
  readonly #waiting = new Set<object>()
  /** @internal */
  readonly _line = new WaitLine()

  /** @throws RangeError unless `totalTokens` is an integer of 1 or more, or Infinity. */
  constructor(totalTokens: number) {
    this.#total = checkTotal(totalTokens)
  }

  /** How many may be borrowed at once: an integer of 1 or more, or Infinity. */
  get totalTokens(): number {
    return this.#total
  }

  /**
   * Growing it wakes waiters; shrinking it takes nothing back, but lends nothing until enough has come back.
   * @throws RangeError for anything else.
   */
  set totalTokens(total: number) {
    this.#total = checkTotal(total)
    this._wakeAsPossible()
  }

  /** How many are borrowed now. */
  get borrowedTokens(): number {
    return this.#borrowers.size
  }

  /** How many can be borrowed now; negative after shrinking below what is borrowed. */
  get availableTokens(): number {
    return this.#total - this.#borrowers.size
  }

  /** How many wait. */
  get tasksWaiting(): number {
    return this.#waiting.size
  }

  /**
   * Borrow a token for the current task, waiting in line while there is none. A checkpoint only where it waits. Cancelled: none
   * was borrowed.
   * @throws InvalidStateError when it has one, or waits for one, already, and outside any task.
   */
  acquire(): Awaitable<true> {
    return new Borrow(this, null)
  }

  /** Borrow a token for `borrower`, which is to give it back with `releaseOnBehalfOf`; otherwise as `acquire`. */
  acquireOnBehalfOf(borrower: object): Awaitable<true> {
    return new Borrow(this, borrower)
  }

  /** Borrow a token for the current task if there is one, and nobody waits. Never suspends. Throws as `acquire`. */
  tryAcquire(): boolean {
    return this._tryLend(currentBorrower())
  }

  /**
   * Give the current task's token back; the first waiter gets it. @throws InvalidStateError when it has none, or outside a
   * task.
   */
  release(): void {
    this.releaseOnBehalfOf(currentBorrower())
  }

  /** Give the token of `borrower` back. @throws InvalidStateError when it has none. */
  releaseOnBehalfOf(borrower: object): void {
    if (!this.#borrowers.delete(borrower)) {
      throw new InvalidStateError(`${brief(borrower)} has borrowed no token of ${this}.`)
    }
    this._wakeAsPossible()
  }

  /** Borrow a token until the end of the block; see `Lock.hold`. It may be given back in another task. */
  hold(): Awaitable<Held> {
    return new Call(this.#holdIt, [], 'capacityLimiter.hold', 0, this)
  }

  *#holdIt(): Coroutine<Held> {
    const borrower = {}
    const what = {
      acquire: () => this.acquireOnBehalfOf(borrower),
      release: () => this.releaseOnBehalfOf(borrower),
    }
    return yield* hold(what, 'capacityLimiter')
  }

  /** As a resource: `use(limiter, body)`. */
  enter(): Awaitable<true> {
    return this.acquire()
  }

  /** Give the current task's token back. */
  exit(): void {
    this.release()
  }

  /** @internal */
  _tryLend(borrower: object): boolean {
    if (this.#borrowers.has(borrower) || this.#waiting.has(borrower)) {
      const what = this.#borrowers.has(borrower) ? 'has' : 'waits for'
      throw new InvalidStateError(`${brief(borrower)} ${what} a token of ${this} already: it may borrow one.`)
    }
    if (this.availableTokens <= 0) return false
    this.#borrowers.add(borrower)
    return true
  }

  /** @internal */
  _beginToWait(borrower: object): void {
    this.#waiting.add(borrower)
  }

  /** @internal */
  _giveUp(borrower: object): void {
    this.#waiting.delete(borrower)
  }

  /** @internal A woken waiter has its token from this moment, so that nobody can take it before it runs. */
  _wakeAsPossible(): void {
    while (this.availableTokens > 0) {
      const next = this._line.wakeNext() as Borrow | null
      if (next === null) return
      const borrower = next.borrower as object
      this.#waiting.delete(borrower)
      this.#borrowers.add(borrower)
    }
  }

  /** @internal */
  _takeBack(borrower: object): void {
    this.#borrowers.delete(borrower)
    this._wakeAsPossible()
  }

  toString(): string {
    return `<CapacityLimiter ${this.#borrowers.size}/${this.#total} waiting=${this.tasksWaiting}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

class Borrow extends LineWait<true> {
  readonly #limiter: CapacityLimiter
  borrower: object | null

  constructor(limiter: CapacityLimiter, borrower: object | null) {
    super(limiter._line)
    this.#limiter = limiter
    this.borrower = borrower
    this._value = true
  }

  override _describe(): string {
    return 'capacityLimiter.acquire()'
  }

  protected override _begin(): boolean {
    this.borrower ??= currentBorrower()
    if (this.#limiter._tryLend(this.borrower)) return true
    this.#limiter._beginToWait(this.borrower)
    return this.join()
  }

  protected override _resume(): boolean {
    this.leave()
    return true
  }

  /** @internal */
  override _cancelWait(error: CancelledError): boolean {
    const isCancelled = super._cancelWait(error)
    if (isCancelled) this.#limiter._giveUp(this.borrower as object)
    return isCancelled
  }

  protected override _withdraw(): void {
    this.leave()
    this.#limiter._giveUp(this.borrower as object)
  }

  protected override _handBack(): void {
    this.leave()
    this.#limiter._takeBack(this.borrower as object)
  }
}

function currentBorrower(): object {
  const task = taskHere()
  if (task === null)
    throw new InvalidStateError('Outside any task say on whose behalf: acquireOnBehalfOf(borrower).')
  return task
}

function checkTotal(total: number): number {
  if (total === Number.POSITIVE_INFINITY || (Number.isInteger(total) && total >= 1)) return total
  throw outOfRange(`A CapacityLimiter has 1 or more tokens, and was given ${brief(total)}.`)
}
