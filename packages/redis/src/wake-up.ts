/** How callbacks of any kind wake coroutines. Who is woken looks for itself what has changed. */
import { type Awaitable, Future } from 'polvo'

/** Something that one coroutine at a time waits for, and that happens again and again. */
export class WakeUp {
  #wait: Future<void> | null = null

  /** Wait for the next `wake()`. A checkpoint. */
  wait(): Awaitable<void> {
    const wait = new Future<void>()
    this.#wait = wait
    return wait
  }

  /** Wake who waits, if anybody does. */
  wake(): void {
    const wait = this.#wait
    this.#wait = null
    if (wait !== null && !wait.done()) wait.setResult()
  }
}

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
