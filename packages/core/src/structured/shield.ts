import { Future } from '../coroutine/future.ts'
import { Subscription } from '../coroutine/subscription.ts'
import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { CANCELLED, DONE } from '../coroutine/waitable.ts'
import { checkLimit } from '../host/checks.ts'
import { loopForWork } from '../loop/default-loop.ts'
import type { Scheduler } from '../loop/scheduler.ts'
import { Timer } from '../loop/timer.ts'
import { ensureFuture } from '../tasks/create-task.ts'

/** What `shield` takes beside its target. */
export interface ShieldOptions {
  /**
   * Once whoever awaits it is cancelled, the inner task may take this many milliseconds more; then it is cancelled. By default
   * any number.
   */
  atMost?: number | undefined
}

/**
 * Protect `target` from the cancellation of whoever awaits it: they get their CancelledError, it goes on as a task. It is a
 * task of the run, and cancelled like any other that is left when the run ends.
 *
 *     yield* shield(save(order))
 *
 * Starts at once, and returns a future of the result; the target itself where that is a future that is done. When the inner task
 * is cancelled, whoever awaits it gets that as well. When nobody awaits it any more, its failure is reported. asyncio's `shield`.
 *
 * @throws TypeError where the target is none, RangeError for an `atMost` of NaN.
 */
export function shield<T>(target: Startable<T>, options?: ShieldOptions): Future<T>
export function shield<R>(fn: () => R & Checked<R>, options?: ShieldOptions): Future<Result<R>>
export function shield(target: Startable<unknown> | (() => unknown), { atMost }: ShieldOptions = {}): Future {
  checkLimit('shield({ atMost })', atMost ?? null)
  const inner = ensureFuture(target as Startable<unknown>)
  if (inner.done()) return inner
  const loop = loopForWork()
  const outer = new Shield(inner)
  const fromInner = new Subscription(loop, inner, () => {
    if (outer.done()) inner._observe()
    else pass(inner, outer)
  })
  new Subscription(loop, outer, () => {
    if (inner.done()) return
    fromInner.end()
    if (atMost !== undefined) cancelAfter(loop, inner, atMost)
  })
  return outer
}

/** What the caller of `shield` awaits. */
class Shield extends Future {
  readonly #inner: Future

  constructor(inner: Future) {
    super()
    this.#inner = inner
  }

  /** @internal */
  override _members(): Iterable<Future> {
    return [this.#inner]
  }
}

function pass(inner: Future, outer: Future): void {
  inner._observe()
  if (inner._state === CANCELLED) outer.cancel()
  else if (inner._state === DONE) outer.setResult(inner._value)
  else outer.setException(inner._value)
}

function cancelAfter(loop: Scheduler, inner: Future, ms: number): void {
  const timer = Timer.at(loop, loop.time() + ms, () => inner.cancel(`shield({ atMost: ${ms} })`))
  new Subscription(loop, inner, () => timer.cancel())
}
