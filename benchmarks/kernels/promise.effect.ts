/** Awaiting promises in a fiber of Effect. Fair: `Effect.promise`, which looks for no errors, with one function for all. */
import { Effect } from 'effect'
import type { Sizes } from '../kernel.ts'

const one = Effect.promise(() => Promise.resolve(1))

const main = Effect.fnUntraced(function* (repeats: number) {
  let sum = 0
  for (let i = 0; i < repeats; i++) sum += yield* one
  return sum
})

export function batch({ repeats }: Sizes): Promise<number> {
  return Effect.runPromise(main(repeats))
}
