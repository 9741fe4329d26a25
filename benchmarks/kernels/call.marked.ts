/** Calling a coroutine that never suspends, marked by `coroutine()`. Fair: its result is used, and it takes an argument. */
import { type Coroutine, coroutine, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

const one = coroutine(function* (i: number): Coroutine<number> {
  return i >= 0 ? 1 : 0
})

function* main(repeats: number): Coroutine<number> {
  let calls = 0
  for (let i = 0; i < repeats; i++) calls += yield* one(i)
  return calls
}

export function batch({ repeats }: Sizes): Promise<number> {
  return run(main(repeats))
}
