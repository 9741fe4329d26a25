/** How callbacks wake coroutines. Who is woken looks for itself what has changed. */
import { type Awaitable, Future } from 'polvo'

/** Something that any number of coroutines wait for. Each may give up without a trace for the others. */
export class Bell {
  #waits: Future<void>[] = []

  /** Wait for the next `ring()`. A checkpoint. */
  wait(): Awaitable<void> {
    const wait = new Future<void>()
    this.#waits.push(wait)
    return wait
  }

  /** Wake all who wait. */
  ring(): void {
    for (const wait of this.#waits.splice(0)) if (!wait.done()) wait.setResult()
  }
}

/** Something that is done already. */
export function done<T>(value: T): Awaitable<T> {
  const future = new Future<T>()
  future.setResult(value)
  return future
}
