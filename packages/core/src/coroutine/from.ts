import { type CancelledError, isCancelled, misuse, outOfRange } from '../errors.ts'
import { brief } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { Timer } from '../loop/timer.ts'
import { noteAbandoned } from './abandoned.ts'
import { isThenable } from './awaitables.ts'
import { Call } from './call.ts'
import { Future } from './future.ts'
import type { Awaitable, Coroutine } from './types.ts'

/** What `from` takes beside a function. */
export interface FromOptions {
  /** Once cancelled: how long to wait for the promise to settle after its signal was aborted; by default 1,000 ms. */
  settleWithin?: number | undefined
}

/**
 * Await a promise of another library in either spelling, cancellably.
 *
 *     const response = yield* from((signal) => fetch(url, { signal }))
 *
 * A function is called when this is awaited, with an AbortSignal of its own. Cancelling aborts the signal, waits up to
 * `settleWithin` milliseconds for the promise to settle, and throws the CancelledError, also when the promise rejects with
 * the signal's reason, or because of it; another rejection is thrown as it is. A bare promise cannot be told, so it is
 * abandoned at once. An abandoned promise is remembered by the loop, which warns when the run ends before the promise has
 * settled; its outcome is dropped. A checkpoint, even where the promise is settled.
 *
 * @throws TypeError for anything but a promise or a function, RangeError for a `settleWithin` below 0.
 */
export function from<T>(promise: PromiseLike<T>): Awaitable<T>
export function from<T>(
  start: (signal: AbortSignal) => PromiseLike<T> | T,
  options?: FromOptions,
): Awaitable<T>
export function from<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T> | T),
  { settleWithin = 1000 }: FromOptions = {},
): Awaitable<T> {
  if (typeof settleWithin !== 'number' || !(settleWithin >= 0)) {
    throw outOfRange(`settleWithin takes 0 or more milliseconds, and was given ${brief(settleWithin)}.`)
  }
  if (isThenable(source)) return new Call(awaitPromise, [source], 'from')
  if (typeof source === 'function') return new Call(awaitAbortable, [source, settleWithin], 'from')
  throw misuse(`from() takes a promise, or a function that returns one; it was given ${brief(source)}.`)
}

function* awaitPromise<T>(promise: PromiseLike<T>): Coroutine<T> {
  const settlement = new Settlement(promise)
  try {
    return yield* settlement.wait()
  } finally {
    settlement.leave()
  }
}

function* awaitAbortable<T>(
  start: (signal: AbortSignal) => PromiseLike<T> | T,
  settleWithin: number,
): Coroutine<T> {
  const controller = new AbortController()
  const settlement = new Settlement(Promise.resolve(start(controller.signal)))
  try {
    return yield* settlement.wait()
  } catch (error) {
    if (!isCancelled(error) || settlement.isSettled) throw error
    controller.abort(error)
    yield* settlement.waitAtMost(settleWithin)
    settlement.throwUnlessCausedBy(error)
    throw error
  } finally {
    settlement.leave()
  }
}

/** How a promise settles, for someone who may stop waiting. */
class Settlement<T> {
  readonly #promise: PromiseLike<T>
  readonly #loop = loopForWork()
  #outcome: { value: T } | { error: unknown } | null = null
  #waiter: Future<void> | null = null

  constructor(promise: PromiseLike<T>) {
    this.#promise = promise
    promise.then(
      (value) => this.#settle({ value }),
      (error) => this.#settle({ error }),
    )
  }

  get isSettled(): boolean {
    return this.#outcome !== null
  }

  #settle(outcome: { value: T } | { error: unknown }): void {
    this.#outcome = outcome
    this.#wake()
  }

  #wake(): void {
    if (this.#waiter !== null && !this.#waiter.done()) this.#waiter.setResult()
  }

  *wait(): Coroutine<T> {
    this.#waiter = new Future<void>()
    yield* this.#waiter
    const outcome = this.#outcome as { value: T } | { error: unknown }
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  /** Wait until it has settled, or `ms` milliseconds have passed. A further cancellation ends the wait. */
  *waitAtMost(ms: number): Coroutine {
    this.#waiter = new Future<void>()
    const timer = Timer.at(this.#loop, this.#loop.time() + ms, () => this.#wake())
    try {
      yield* this.#waiter
    } finally {
      timer.cancel()
    }
  }

  throwUnlessCausedBy(cancellation: CancelledError): void {
    if (this.#outcome === null || !('error' in this.#outcome)) return
    if (!isCausedBy(this.#outcome.error, cancellation)) throw this.#outcome.error
  }

  /** Nobody waits any more. */
  leave(): void {
    if (!this.isSettled) noteAbandoned(this.#loop, this.#promise)
  }
}

/** APIs that take a signal reject with its reason, with an error whose cause it is, or just say that they were aborted. */
function isCausedBy(error: unknown, reason: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current === reason || current.name === 'AbortError') return true
  }
  return error === reason
}
