/** Arming and cancelling timers of the loop. Fair: each has another duration, as timers of requests do. */
import { type Coroutine, getRunningLoop, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

function never(): void {
  throw new Error('A cancelled timer fired.')
}

export function armMany(repeats: number): number {
  const loop = getRunningLoop()
  let cancelled = 0
  for (let i = 0; i < repeats; i++) {
    const handle = loop.callLater(1_000 + (i % 1_000), never)
    handle.cancel()
    if (handle.cancelled()) cancelled++
  }
  return cancelled
}

function* main(repeats: number): Coroutine<number> {
  return armMany(repeats)
}

export function batch({ repeats }: Sizes): Promise<number> {
  return run(main(repeats))
}
