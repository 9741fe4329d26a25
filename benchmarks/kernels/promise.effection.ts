/** Awaiting promises in a task of Effection. Fair: `until` is its operation for that. */
import { run, until } from 'effection'
import type { Sizes } from '../kernel.ts'

export async function batch({ repeats }: Sizes): Promise<number> {
  return await run(function* () {
    let sum = 0
    for (let i = 0; i < repeats; i++) sum += yield* until(Promise.resolve(1))
    return sum
  })
}
