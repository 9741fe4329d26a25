import { Call } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'

/**
 * A lock or permit that is held until the end of the block; what `hold()` gives.
 *
 *     using held = await lock.hold()
 */
export class Held implements Disposable {
  #release: (() => void) | null

  /** @internal */
  constructor(release: () => void) {
    this.#release = release
  }

  /** Give it back before the end of the block. A second call does nothing. */
  release(): void {
    const release = this.#release
    this.#release = null
    release?.()
  }

  /** For `using`: as `release()`. */
  [Symbol.dispose](): void {
    this.release()
  }
}

/** @internal */
export interface Holdable {
  acquire(): Awaitable<unknown>
  release(): void
}

/** @internal */
export function hold(what: Holdable, name: string): Awaitable<Held> {
  return new Call(acquireAndHold, [what], `${name}.hold`, 0)
}

function* acquireAndHold(what: Holdable): Coroutine<Held> {
  yield* what.acquire()
  return new Held(() => what.release())
}
