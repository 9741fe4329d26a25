import { emptyContext, type PlatformContext } from '../host/async-context.ts'
import type { Entry, Scheduler } from '../loop/scheduler.ts'
import type { Future } from './future.ts'
import type { Waiter } from './waitable.ts'

/**
 * A done-callback of the library's own: `listener(future)` is called in the pass after the future has settled, in no
 * context, and must not throw.
 */
export class Subscription<T> implements Waiter, Entry {
  readonly #loop: Scheduler
  readonly #future: Future<T>
  readonly #listener: (future: Future<T>) => void

  constructor(loop: Scheduler, future: Future<T>, listener: (future: Future<T>) => void) {
    this.#loop = loop
    this.#future = future
    this.#listener = listener
    future._subscribe(this)
  }

  /** Forget it, where the future has not settled yet. */
  end(): void {
    this.#future._unsubscribe(this)
  }

  /** @internal */
  _wake(): void {
    this.#loop._push(this)
  }

  /** @internal */
  _run(): void {
    this.#listener(this.#future)
  }

  /** @internal */
  get _subject(): object {
    return this.#future
  }

  /** @internal */
  get _platform(): PlatformContext | null {
    return emptyContext
  }
}
