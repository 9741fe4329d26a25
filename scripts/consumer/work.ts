/** What the program has done by other threads and processes. */
import { threadSignal } from '@polvo/threads'
import { type Coroutine, sleep } from 'polvo'

export function shout(text: string): string {
  return threadSignal().aborted ? '' : `${text.toUpperCase()}!`
}

export function* later(n: number): Coroutine<number> {
  yield* sleep(1)
  return 2 * n
}
