/**
 * The library's awaitables that are written by hand: `sleep`, `lock.acquire()`, `queue.get()`. One object is the lazy
 * operation, its iterator, its place in a waiting line and what the task waits for, which makes them twice as fast as
 * generator functions.
 *
 * | stage   | is true                                            | next                        | moved by           |
 * |---------|----------------------------------------------------|-----------------------------|--------------------|
 * | made    | nothing has happened                               | claimed                     | `yield*`, `await`  |
 * | claimed | its awaiter is about to start it                   | finished, parked            | `_begin`           |
 * | parked  | state pending; it stands in a line, a timer runs   | woken, withdrawn            | the primitive, a cancellation |
 * | woken   | parked, state done; its awaiter is ready to run    | finished, parked, handed back | `_resume`, a cancellation |
 * | over    | finished, withdrawn or handed back                 | –                           | –                  |
 *
 * An operation cancelled while it is parked did not happen. One cancelled after it was woken hands back what it was
 * given, or passes its wake-up on (`_handBack`): nothing is lost.
 */
import { type CancelledError, InvalidStateError, isCancelled } from '../errors.ts'
import { createdAt, noteCreationSite } from '../host/creation-sites.ts'
import { inspectKey } from '../host/inspect.ts'
import { currentStep } from '../loop/current.ts'
import { answer, awaitHere, isEndedHere, never } from './body.ts'
import type { Awaitable, Suspension } from './types.ts'
import { type Claimable, noteCreated } from './unclaimed.ts'
import { CANCELLED, DONE, PENDING, Waitable, type Waiter } from './waitable.ts'

// The stages of the table.
const MADE = 0
export const CLAIMED = 1
const PARKED = 2
export const OVER = 3
type Stage = typeof MADE | typeof CLAIMED | typeof PARKED | typeof OVER

/**
 * An operation of an integration, written by hand: one object is the lazy operation and what the task waits for. A subclass
 * begins in `_begin`, calls `_wakeUp` from its callback, and hands its result out in `_resume`. It is awaited once.
 */
export abstract class Operation<T> extends Waitable implements Awaitable<T>, Claimable {
  /** @internal */
  declare _stage: Stage
  /** @internal */
  declare _waiter: Waiter | null

  constructor() {
    super()
    this._stage = MADE
    this._waiter = null
    noteCreationSite(this)
    noteCreated(this)
  }

  /** What it is, for reports: `sleep(5)`. */
  abstract _describe(): string

  /** Called when it is awaited: finish, with the result in `_value`, and return true; or get in line and return false. */
  protected abstract _begin(): boolean

  /** Called after a wake-up, which may have gone stale by then: as `_begin`. */
  protected abstract _resume(): boolean

  /** Leave the line: the operation was cancelled while it was parked. */
  protected abstract _withdraw(): void

  /** It was woken and will not go on: pass on what it was given. */
  protected abstract _handBack(): void

  /** Wake the awaiter of a parked operation; it resumes in the next pass. Nothing happens when it was woken or cancelled. */
  _wakeUp(): void {
    if (this._state !== PENDING) return
    this._state = DONE
    const waiter = this._waiter
    this._waiter = null
    waiter?._wake()
  }

  // ---------------------------------------------------------------- the generator spelling

  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    this.claim()
    return this
  }

  /** @internal */
  next(): IteratorResult<Suspension, T> {
    if (this._finish()) return { done: true, value: this._value as T }
    return { done: false, value: this }
  }

  /** @internal */
  throw(error: unknown): IteratorResult<Suspension, T> {
    if (this._isCommitted && isCancelled(error)) {
      currentStep()?.keepPending(error)
      return this.next()
    }
    this._abandon()
    throw error
  }

  /** @internal */
  return(value: T): IteratorResult<Suspension, T> {
    this._abandon()
    return { done: true, value }
  }

  // ---------------------------------------------------------------- the async spelling

  /** What `await` calls: begins it, in the task whose code is running. A second time rejects with InvalidStateError. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const resolve = onFulfilled as ((value: unknown) => unknown) | null | undefined
    if (isEndedHere()) return never
    try {
      this.claim()
      if (!this._finish()) return awaitHere(this, resolve, onRejected) as PromiseLike<A | B>
    } catch (error) {
      return answer(true, error, resolve, onRejected) as PromiseLike<A | B>
    }
    return answer(false, this._value, resolve, onRejected) as PromiseLike<A | B>
  }

  /** @internal Make it anew, where it is over and nobody holds it any more but its maker. Returns whether it was. */
  _remake(): boolean {
    if (this._stage !== OVER || this._state === PENDING) return false
    this._stage = MADE
    this._state = PENDING
    this._value = undefined
    noteCreationSite(this)
    noteCreated(this)
    return true
  }

  /** @internal */
  get _isClaimed(): boolean {
    return this._stage !== MADE
  }

  private claim(): void {
    if (this._stage !== MADE) {
      throw new InvalidStateError(`${this._describe()} was awaited before; make a new one for each await.`)
    }
    this.close()
  }

  /** Give it up without doing it. Nothing happens when it was awaited or closed before. */
  close(): void {
    if (this._stage === MADE) this._stage = CLAIMED
  }

  override toString(): string {
    return `<${this._describe()}${createdAt(this)}>`
  }

  [inspectKey](): string {
    return this.toString()
  }

  // ---------------------------------------------------------------- what a task waits for

  /** @internal */
  override _finish(): boolean {
    const isToBegin = this._stage === CLAIMED
    this._stage = OVER
    this._state = PENDING
    const isFinished = isToBegin ? this._begin() : this._resume()
    if (isFinished) this._state = DONE
    else this._stage = PARKED
    return isFinished
  }

  /** @internal */
  override _abandon(): void {
    if (this._stage !== PARKED) return
    this._stage = OVER
    if (this._state === DONE) this._handBack()
    else this._withdraw()
  }

  /** @internal */
  override _subscribe(waiter: Waiter): boolean {
    if (this._stage === MADE) return false
    if (this._state === PENDING) this._waiter = waiter
    else waiter._wake()
    return true
  }

  /** @internal */
  override _unsubscribe(): void {
    this._waiter = null
  }

  /** @internal */
  override _cancelWait(error: CancelledError): boolean {
    if (this._state !== PENDING) return false
    this._value = error
    this._state = CANCELLED
    const waiter = this._waiter
    this._waiter = null
    waiter?._wake()
    return true
  }
}

/**
 * Have `await` find `then` in this class itself, where it is awaited often and stands far down: V8 looks for it class by class, at
 * some 10 ns each.
 */
export function bringThenNear(operations: { readonly prototype: Operation<unknown> }): void {
  const { then } = operations.prototype
  Object.defineProperty(operations.prototype, 'then', { value: then, writable: true, configurable: true })
}
