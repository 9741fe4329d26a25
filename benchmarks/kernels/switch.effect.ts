/**
 * Switching between fibers of Effect by `Effect.yieldNow`. Fair: an untraced function, and `forkChild` with `Fiber.join`,
 * the fastest of the spellings its documentation offers.
 */
import { Effect, Fiber } from 'effect'
import type { Sizes } from '../kernel.ts'

const worker = Effect.fnUntraced(function* (repeats: number) {
  let passes = 0
  for (; passes < repeats; passes++) yield* Effect.yieldNow
  return passes
})

const main = Effect.fnUntraced(function* ({ tasks, repeats }: Sizes) {
  const fibers: Fiber.Fiber<number>[] = []
  for (let i = 0; i < tasks; i++) fibers.push(yield* Effect.forkChild(worker(repeats)))
  let passes = 0
  for (const fiber of fibers) passes += yield* Fiber.join(fiber)
  return passes
})

export function batch(sizes: Sizes): Promise<number> {
  return Effect.runPromise(main(sizes))
}
