/**
 * Timeouts, as scopes: the time limit cancels the body, waits for its clean-up, and only then says so.
 *
 * | state    | is true                                              | next              |
 * |----------|------------------------------------------------------|-------------------|
 * | created  | not entered                                          | active            |
 * | active   | the body runs, a timer is set unless there is no limit | expiring, exited  |
 * | expiring | the limit is over, the body was cancelled            | expired           |
 * | expired  | the body ended after the limit was over              | –                 |
 * | exited   | it ended in time                                     | –                 |
 */
import { Call } from '../coroutine/call.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { InvalidStateError, isCancelled, TimeoutError } from '../errors.ts'
import { checkFunction, checkLimit } from '../host/checks.ts'
import { inspectKey } from '../host/inspect.ts'
import { Timer } from '../loop/timer.ts'
import { Scope } from '../tasks/scope.ts'

type State = 'created' | 'active' | 'expiring' | 'expired' | 'exited'

/** The body of a timeout: it is given the timeout, to look at it or move its deadline. */
export type TimeoutBody<R> = (timeout: Timeout) => R & Checked<R>

/** What the body of a timeout is given: the handle to look at its deadline and to move it. asyncio's `Timeout`. */
export class Timeout extends Scope {
  readonly #what: string
  readonly #after: number | null
  #deadline: number | null
  #state: State = 'created'
  #timer: Timer | null = null

  /**
   * @internal
   * @param limit milliseconds from the moment it is entered, or a time of the loop's clock; null for no limit
   */
  constructor(name: string, limit: { after: number | null } | { at: number | null }) {
    super()
    const isRelative = 'after' in limit
    this.#what = `${name}(${isRelative ? limit.after : limit.at})`
    this.#after = isRelative ? limit.after : null
    this.#deadline = isRelative ? null : limit.at
  }

  /** The deadline, a time of the loop's clock; null where there is no limit. */
  when(): number | null {
    return this.#deadline
  }

  /**
   * Whether the limit was over before the body ended. True does not mean that a TimeoutError was thrown: the body may have
   * ended in another way.
   */
  expired(): boolean {
    return this.#state === 'expiring' || this.#state === 'expired'
  }

  /**
   * Move the deadline; null takes the limit away, a time in the past expires it in the next pass.
   * @throws InvalidStateError unless the body is running and the limit is not over, TypeError or RangeError for anything but
   *   a number or null.
   */
  reschedule(deadline: number | null): void {
    if (this.#state !== 'active') {
      throw new InvalidStateError(`${this} cannot be rescheduled: it is ${this.#state}, and not active.`)
    }
    checkLimit('reschedule()', deadline)
    this.#deadline = deadline
    this.#timer?.cancel()
    this.arm()
  }

  private arm(): void {
    const deadline = this.#deadline
    const expire = () => this.expire()
    if (deadline === null) this.#timer = null
    else if (deadline <= this._loop.time()) this.#timer = Timer.soon(this._loop, expire)
    else this.#timer = Timer.at(this._loop, deadline, expire)
  }

  private expire(): void {
    this.#state = 'expiring'
    this.request()
  }

  /** @internal Run a body under it. @param late what to do in place of its result once the limit is over */
  *_run(body: (timeout: Timeout) => unknown, late: Late): Coroutine<unknown> {
    this.enter()
    this.#state = 'active'
    if (this.#after !== null) this.#deadline = this._loop.time() + this.#after
    this.arm()
    try {
      return yield this.inside(body as (...args: never[]) => unknown, this)
    } catch (error) {
      if (isCancelled(error) && this.expired() && !this.isCancelledOutside) return late(error, this.#what)
      throw error
    } finally {
      this.#timer?.cancel()
      this.#state = this.expired() ? 'expired' : 'exited'
      this.close()
    }
  }

  /** @internal */
  override _describe(): string {
    return this.#what
  }

  override toString(): string {
    return `<Timeout ${this.#what} ${this.#state}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/**
 * Run `body`, and cancel it when `ms` milliseconds have passed. When it has ended by that, clean-up included, TimeoutError is
 * thrown; a body that ends in another way has the last word. `null` means no limit. A checkpoint only where the body
 * suspends; 0 or less cancels at its first suspension.
 *
 *     const page = yield* timeout(500, () => fetchPage(url))
 *     const page = await timeout(500, async () => (await fetchPage(url)).body)
 *
 * A body that does not stop is reminded, then ended; see `cancelGrace`.
 *
 * @throws TimeoutError, whose cause is the CancelledError; TypeError and RangeError for arguments that cannot be.
 */
export function timeout<R>(ms: number | null, body: TimeoutBody<R>): Awaitable<Result<R>> {
  return limited('timeout', { after: ms }, ms, body, fail)
}

/** As `timeout`, up to a time of the loop's clock (`getRunningLoop().time()`). asyncio's `timeout_at`. */
export function timeoutAt<R>(deadline: number | null, body: TimeoutBody<R>): Awaitable<Result<R>> {
  return limited('timeoutAt', { at: deadline }, deadline, body, fail)
}

/**
 * Run `body` for at most `ms` milliseconds: when they have passed it is cancelled, and the result is undefined. Otherwise as
 * `timeout`, but that no TimeoutError is thrown. Trio's `move_on_after`.
 *
 *     const answer = (yield* moveOnAfter(200, () => askCache(key))) ?? (yield* askDatabase(key))
 */
export function moveOnAfter<R>(ms: number | null, body: TimeoutBody<R>): Awaitable<Result<R> | undefined> {
  return limited('moveOnAfter', { after: ms }, ms, body, () => undefined)
}

type Late = (error: Error, what: string) => unknown

function limited<R>(
  name: string,
  limit: { after: number | null } | { at: number | null },
  shown: number | null,
  body: TimeoutBody<R>,
  late: Late,
): Awaitable<Result<R>> {
  checkLimit(`${name}()`, shown)
  checkFunction(`${name}()`, `a function to run in that time, as in \`${name}(${shown}, () => …)\``, body)
  const timeout = new Timeout(name, limit)
  return new Call(timeout._run, [body, late], timeout._describe(), 0, timeout)
}

/** @internal */
export function fail(cause: Error, what: string): never {
  throw new TimeoutError(`${what} is over: the time given has passed.`, { cause })
}
