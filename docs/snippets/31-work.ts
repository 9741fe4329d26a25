import { threadSignal } from '@polvo/threads'
import { type Coroutine, sleep } from 'polvo'

export function double(n: number): number {
  return 2 * n
}

/** Computes until it is told to stop, and then says what it has. */
export function search(): string {
  let tried = 0
  while (!threadSignal().aborted) tried++
  return `tried ${tried}`
}

/** Neither awaits nor asks. */
export function stubborn(): void {
  for (;;);
}

export function* rest(ms: number): Coroutine<string> {
  yield* sleep(ms)
  return 'rested'
}

export function sum(numbers: Float64Array): number {
  return numbers.reduce((a, b) => a + b, 0)
}

export function leave(): void {
  process.exit(3)
}
