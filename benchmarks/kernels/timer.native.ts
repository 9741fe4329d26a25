/** Arming and cancelling timers of Node. Fair: a bare `setTimeout`, each with another duration. */
import type { Sizes } from '../kernel.ts'

function never(): void {
  throw new Error('A cancelled timer fired.')
}

export async function batch({ repeats }: Sizes): Promise<number> {
  let cancelled = 0
  for (let i = 0; i < repeats; i++) {
    const timer = setTimeout(never, 1_000 + (i % 1_000))
    clearTimeout(timer)
    cancelled++
  }
  return cancelled
}
