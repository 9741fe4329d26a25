/** Awaiting promises in an async-spelled task so that a cancellation can interrupt it. Fair: as its generator twin. */
import { from, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

export function batch({ repeats }: Sizes): Promise<number> {
  return run(async () => {
    let sum = 0
    for (let i = 0; i < repeats; i++) sum += await from(Promise.resolve(1))
    return sum
  })
}
