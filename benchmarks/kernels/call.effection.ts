/** Calling an operation of Effection that never suspends. Fair: a generator function, as its users write a helper. */
import { type Operation, run } from 'effection'
import type { Sizes } from '../kernel.ts'

function* one(i: number): Operation<number> {
  return i >= 0 ? 1 : 0
}

export async function batch({ repeats }: Sizes): Promise<number> {
  return await run(function* () {
    let calls = 0
    for (let i = 0; i < repeats; i++) calls += yield* one(i)
    return calls
  })
}
