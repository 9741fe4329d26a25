import { Call } from '../coroutine/call.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { isCancelled, misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'
import { Scope } from '../tasks/scope.ts'

class SignalScope extends Scope {
  /** Run a body until the signal is aborted. */
  *_run(signal: AbortSignal, body: () => unknown): Coroutine<unknown> {
    this.enter()
    const onAbort = () => this.request(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal.aborted) onAbort()
      return yield this.inside(body)
    } catch (error) {
      if (isCancelled(error) && this.isRequested && !this.isCancelledOutside) throw signal.reason
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.close()
    }
  }

  /** @internal */
  override _describe(): string {
    return 'withSignal()'
  }
}

/**
 * Run `body`, and cancel it when `signal` is aborted: the way in for callers that use AbortController. Once the body has cleaned
 * up, the signal's reason is thrown, as other APIs that take a signal do; a body that ends in another way has the last word. A
 * checkpoint only where the body suspends; with a signal that is aborted already, its first suspension is cancelled.
 *
 * @throws TypeError for arguments that cannot be.
 */
export function withSignal<R>(signal: AbortSignal, body: () => R & Checked<R>): Awaitable<Result<R>> {
  if (typeof signal?.addEventListener !== 'function') {
    throw misuse(`withSignal() takes an AbortSignal, and was given ${brief(signal)}.`)
  }
  if (typeof body !== 'function') {
    throw misuse(`withSignal() takes a signal and a function to run, and was given ${brief(body)}.`)
  }
  const scope = new SignalScope()
  return new Call(scope._run, [signal, body], 'withSignal', 0, scope)
}
