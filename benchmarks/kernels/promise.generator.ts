/** Awaiting promises in a coroutine. Fair: each is a new one, and its value is used. */
import { type Coroutine, from, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

function* main(repeats: number): Coroutine<number> {
  let sum = 0
  for (let i = 0; i < repeats; i++) sum += yield* from(Promise.resolve(1))
  return sum
}

export function batch({ repeats }: Sizes): Promise<number> {
  return run(main(repeats))
}
