import { Call } from '../coroutine/call.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { isCancelled } from '../errors.ts'
import { checkFunction, checkLimit } from '../host/checks.ts'
import { inspectKey } from '../host/inspect.ts'
import { Timer } from '../loop/timer.ts'
import { Scope } from '../tasks/scope.ts'

/** What `cancelScope` takes beside its body. */
export interface CancelScopeOptions {
  /** A time of the loop's clock at which the scope cancels itself; by default none. */
  deadline?: number | undefined
  /** Keep cancellations from outside away from the body until it has ended; by default false. */
  shield?: boolean | undefined
}

/** What the body of `cancelScope` is given: the handle to cancel it with. */
export class CancelScope extends Scope {
  readonly #shields: boolean
  #deadline: number | null
  #timer: Timer | null = null
  #isCancelled = false

  /** @internal */
  constructor({ deadline, shield = false }: CancelScopeOptions) {
    super()
    this.#deadline = deadline ?? null
    this.#shields = shield
  }

  /**
   * Cancel the body: `cancelScope` then returns undefined, once the body has cleaned up. A second call does nothing, and one
   * after the end changes nothing but `cancelled`. Not a checkpoint.
   */
  cancel(reason?: unknown): void {
    if (this.#isCancelled) return
    this.#isCancelled = true
    this.request(reason)
  }

  /** Whether it was cancelled, by `cancel` or its deadline. The body may have ended well all the same. */
  get cancelled(): boolean {
    return this.#isCancelled
  }

  /** Whether it keeps cancellations from outside away. */
  get shield(): boolean {
    return this.#shields
  }

  /** @internal */
  override get _isShield(): boolean {
    return this.#shields
  }

  /** A time of the loop's clock at which it cancels itself; null where there is none. */
  get deadline(): number | null {
    return this.#deadline
  }

  /** Move the deadline; null takes it away. @throws RangeError for NaN, TypeError for anything but a number or null. */
  set deadline(deadline: number | null) {
    checkLimit('deadline', deadline)
    this.#deadline = deadline
    if (this.isOpen) this.#arm()
  }

  #arm(): void {
    this.#timer?.cancel()
    const expire = () => this.cancel('its deadline has passed')
    const deadline = this.#deadline
    this.#timer = deadline === null ? null : Timer.at(this._loop, deadline, expire)
  }

  /** @internal */
  *_run(body: (scope: CancelScope) => unknown): Coroutine<unknown> {
    this.enter()
    this.#arm()
    try {
      return yield this.inside(body as (...args: never[]) => unknown, this)
    } catch (error) {
      if (!isCancelled(error) || !this.isRequested) throw error
      if (this.isCancelledOutside) throw this.takeKept() ?? error
      return undefined
    } finally {
      this.#timer?.cancel()
      this.close()
    }
  }

  /** @internal */
  override _describe(): string {
    return 'a cancel scope'
  }

  override toString(): string {
    const state = this.#isCancelled ? 'cancelled' : this.isOpen ? 'open' : 'closed'
    return `<CancelScope ${state}${this.#shields ? ' shield' : ''}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/**
 * Run `body` with a scope that can be cancelled on its own, from wherever it is handed to.
 *
 *     const result = yield* cancelScope(function* (scope) {
 *       button.onclick = () => scope.cancel()
 *       return yield* work()
 *     })
 *
 * Returns what the body returns, also in spite of a cancellation; undefined where it was cancelled through the scope and let
 * that pass. A body that does not stop is reminded, then ended; see `cancelGrace`. With `{ shield: true }` a cancellation from
 * outside waits until the body has ended: bound it with a deadline. A checkpoint only where the body suspends. After Trio's
 * `CancelScope`.
 *
 * @throws what the body throws; TypeError and RangeError for arguments that cannot be.
 */
export function cancelScope<R>(
  body: (scope: CancelScope) => R & Checked<R>,
  options: CancelScopeOptions = {},
): Awaitable<Result<R> | undefined> {
  checkFunction('cancelScope()', 'a function that is given the scope', body)
  checkLimit('cancelScope({ deadline })', options.deadline ?? null)
  const scope = new CancelScope(options)
  return new Call(scope._run, [body], 'cancelScope', 1, scope)
}
