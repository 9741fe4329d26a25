import { CancelledError, InvalidStateError, misuse } from '../errors.ts'
import type { PlatformContext } from '../host/async-context.ts'
import { createdAt, noteCreationSite } from '../host/creation-sites.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import type { Context } from '../loop/context.ts'
import { type HeldValues, valuesOf } from '../loop/context-values.ts'
import { type CallbackHere, holderHere, platformHere, runCallback } from '../loop/current.ts'
import { loopForWork } from '../loop/default-loop.ts'
import type { Entry, Scheduler } from '../loop/scheduler.ts'
import { answer, awaitHere, isEndedHere, never } from './body.ts'
import type { Awaitable, Suspension } from './types.ts'
import { forgetFailure, noteFailure } from './unobserved.ts'
import { CANCELLED, DONE, FAILED, PENDING, type State, Waitable, type Waiter } from './waitable.ts'

type Resolver = ((value: unknown) => unknown) | null | undefined

/** What `addDoneCallback` takes beside the callback. */
export interface DoneCallbackOptions {
  /** The context the callback runs in; by default a copy of the one it is added in. */
  context?: Context
}

/**
 * A result that will be there later. `yield*` and `await` wait for it; awaiting one that is done costs no pass of the loop.
 * Any number may await it, and cancelling one of them cancels the future: `shield` it where that is not meant.
 *
 * A future settles once. Done-callbacks are never called inline, but by the loop in its next pass. A failure that nobody looks
 * at is reported. asyncio's `Future`.
 */
export class Future<T = unknown> extends Waitable implements Awaitable<T> {
  /** @internal Most futures have one waiter: there is a set only where there are more. */
  declare _waiters: Waiter | Set<Waiter> | null
  /** @internal Somebody has seen the outcome. */
  declare _isObserved: boolean

  constructor() {
    super()
    this._waiters = null
    this._isObserved = false
  }

  /** Whether it has settled: with a result, an error, or as cancelled. */
  done(): boolean {
    return this._state !== PENDING
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this._state === CANCELLED
  }

  /**
   * The result of a future that is done.
   * @throws its error where it failed, CancelledError where it was cancelled, InvalidStateError while it is pending.
   */
  result(): T {
    if (this._state === PENDING) throw new InvalidStateError(`${this} has no result yet; await it.`)
    this._observe()
    if (this._state === DONE) return this._value as T
    throw this._value
  }

  /**
   * The error of a future that failed, null of one that has a result.
   * @throws CancelledError where it was cancelled, InvalidStateError while it is pending.
   */
  exception(): unknown {
    if (this._state === PENDING) throw new InvalidStateError(`${this} has no outcome yet; await it.`)
    this._observe()
    if (this._state === CANCELLED) throw this._value
    return this._state === FAILED ? this._value : null
  }

  /** Settle with a result. @throws InvalidStateError when it is settled already. */
  setResult(value: T): void {
    this.settleByHand(DONE, value)
  }

  /** Settle with an error. @throws InvalidStateError when it is settled already. */
  setException(error: unknown): void {
    this.settleByHand(FAILED, error)
  }

  /** Settle as cancelled: whoever awaits it gets a CancelledError. Returns false when it is settled already. */
  cancel(reason?: unknown): boolean {
    return this._cancelWait(new CancelledError(reason))
  }

  /**
   * Call `callback(this)` in a pass of the loop after the future has settled; in the next one when it has already.
   * The callback may be added several times. Its errors go to the exception handler.
   * @throws TypeError where `callback` is no function.
   */
  addDoneCallback(callback: (future: this) => void, options: DoneCallbackOptions = {}): void {
    if (typeof callback !== 'function') {
      throw misuse(`addDoneCallback() takes a function, and was given ${brief(callback)}.`)
    }
    this._subscribe(new DoneCallback(this as Future, callback as (future: never) => void, options.context))
  }

  /** Forget a callback. Returns how many times it had been added; 0 once the future is done, when it is too late. */
  removeDoneCallback(callback: (future: this) => void): number {
    let removed = 0
    for (const waiter of this.waiters()) {
      if (!(waiter instanceof DoneCallback) || waiter.callback !== callback) continue
      this._unsubscribe(waiter)
      removed++
    }
    return removed
  }

  // ---------------------------------------------------------------- awaiting

  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return this
  }

  /** @internal */
  next(): IteratorResult<Suspension, T> {
    if (this._state === PENDING) return { done: false, value: this }
    return { done: true, value: this.result() }
  }

  /** @internal */
  throw(error: unknown): IteratorResult<Suspension, T> {
    throw error
  }

  /** @internal */
  return(value: T): IteratorResult<Suspension, T> {
    return { done: true, value }
  }

  /**
   * What `await` calls. By hand: `onFulfilled` and `onRejected` are called once it is done, and at once, in this very moment,
   * where it is done already. Cancelling the task that calls this cancels the future.
   */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    if (isEndedHere()) return never
    const resolve = onFulfilled as Resolver
    if (this._state === PENDING) return awaitHere(this, resolve, onRejected) as PromiseLike<A | B>
    this._observe()
    return answer(this._state !== DONE, this._value, resolve, onRejected) as PromiseLike<A | B>
  }

  // ---------------------------------------------------------------- for the layers above

  /** @internal Leave the pending state, whatever the caller may be; nothing happens when it has. */
  _settle(state: State, value: unknown): void {
    if (this._state !== PENDING) return
    this._state = state
    this._value = value
    const waiters = this._waiters
    this._waiters = null
    if (waiters instanceof Set) for (const waiter of waiters) waiter._wake()
    else waiters?._wake()
    if (state === FAILED && !this._isObserved) noteFailure(this._loopForReports(), this, waiters === null)
  }

  /** @internal */
  _loopForReports(): Scheduler {
    return loopForWork()
  }

  /** @internal */
  override _observe(): void {
    if (this._isObserved) return
    this._isObserved = true
    if (this._state === FAILED) forgetFailure(this)
  }

  /** @internal */
  override _subscribe(waiter: Waiter): boolean {
    if (this._state !== PENDING) waiter._wake()
    else if (this._waiters === null) this._waiters = waiter
    else if (this._waiters instanceof Set) this._waiters.add(waiter)
    else this._waiters = new Set([this._waiters, waiter])
    return true
  }

  /** @internal */
  override _unsubscribe(waiter: Waiter): void {
    if (this._waiters instanceof Set) this._waiters.delete(waiter)
    else if (this._waiters === waiter) this._waiters = null
  }

  /** @internal */
  override _cancelWait(error: CancelledError, _reminder = false): boolean {
    if (this._state !== PENDING) return false
    this._settle(CANCELLED, error)
    return true
  }

  private settleByHand(state: State, value: unknown): void {
    if (this._state !== PENDING) throw new InvalidStateError(`${this} is settled already; it settles once.`)
    this._settle(state, value)
  }

  private waiters(): Waiter[] {
    if (this._waiters instanceof Set) return [...this._waiters]
    return this._waiters === null ? [] : [this._waiters]
  }

  // ---------------------------------------------------------------- showing itself

  override toString(): string {
    return `<${this.constructor.name} ${this._outcome()}>`
  }

  [inspectKey](): string {
    return this.toString()
  }

  /** @internal */
  protected _outcome(): string {
    switch (this._state) {
      case PENDING:
        return 'pending'
      case DONE:
        return `finished result=${brief(this._value)}`
      case FAILED:
        return `finished exception=${brief(this._value)}`
      case CANCELLED:
        return 'cancelled'
    }
  }
}

class DoneCallback implements Waiter, Entry, CallbackHere {
  readonly callback: (future: never) => void
  readonly _platform: PlatformContext | null
  _context: HeldValues
  readonly #future: Future
  readonly #loop: Scheduler

  constructor(future: Future, callback: (future: never) => void, context: Context | undefined) {
    this.#future = future
    this.callback = callback
    this.#loop = loopForWork()
    this._context = context ?? valuesOf(holderHere())
    this._platform = platformHere(this.#loop)
    noteCreationSite(this)
  }

  _wake(): void {
    this.#loop._push(this)
  }

  _run(): void {
    try {
      runCallback(this, this.callback as (future: Future) => void, this.#future)
    } catch (exception) {
      this.#loop.callExceptionHandler({
        message: `Exception in done callback ${brief(this.callback)}`,
        exception,
        future: this.#future,
      })
    }
  }

  toString(): string {
    return `<done callback ${brief(this.callback)}${createdAt(this)}>`
  }
}
