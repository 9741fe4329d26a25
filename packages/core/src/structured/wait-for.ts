import { delegateTo } from '../coroutine/awaitables.ts'
import { Call } from '../coroutine/call.ts'
import { Future } from '../coroutine/future.ts'
import { Subscription } from '../coroutine/subscription.ts'
import type { Awaitable, Checked, Coroutine, Result, Startable } from '../coroutine/types.ts'
import { isCancelled } from '../errors.ts'
import { checkLimit } from '../host/checks.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { ensureFuture } from '../tasks/create-task.ts'
import { checkTarget } from '../tasks/target.ts'
import { fail, Timeout } from './timeout.ts'

/**
 * Await `target` for at most `ms` milliseconds, in this task; then it is cancelled, its clean-up is waited for, and
 * TimeoutError is thrown. `null` means no limit. With 0 or less a future that is done gives its result, and a coroutine is
 * not even started. What the target returns in spite of the cancellation is returned. A checkpoint only where it waits.
 *
 * @throws TimeoutError, and what the target throws; TypeError and RangeError at once for arguments that cannot be.
 */
export function waitFor<T>(target: Startable<T>, ms: number | null): Awaitable<T>
export function waitFor<R>(fn: () => R & Checked<R>, ms: number | null): Awaitable<Result<R>>
export function waitFor(target: Startable<unknown> | (() => unknown), ms: number | null): Awaitable<unknown> {
  checkLimit('waitFor()', ms)
  checkTarget('waitFor', target)
  if (ms !== null && ms <= 0) return new Call(takeNow, [target, ms], 'waitFor')
  const body = typeof target === 'function' ? target : () => delegateTo(target)
  const timeout = new Timeout('waitFor', { after: ms })
  return new Call(timeout._run, [body, fail], 'waitFor', 0, timeout)
}

function* takeNow(target: Startable<unknown>, ms: number): Coroutine<unknown> {
  const future = ensureFuture(target)
  if (future.done()) return future.result()
  yield* cancelAndWait(future)
  try {
    return future.result()
  } catch (error) {
    if (isCancelled(error)) fail(error, `waitFor(…, ${ms})`)
    throw error
  }
}

/** Cancel a future and wait until it is done, without taking its outcome. */
function* cancelAndWait(future: Future): Coroutine {
  const done = new Future<void>()
  const subscription = new Subscription(loopForWork(), future, () => {
    if (!done.done()) done.setResult()
  })
  try {
    future.cancel()
    yield* done
  } finally {
    subscription.end()
  }
}
