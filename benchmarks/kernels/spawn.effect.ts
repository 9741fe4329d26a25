/**
 * Forking fibers of Effect and joining them. Fair: one shared effect that suspends once, and `forkChild` with
 * `Fiber.join`, which takes half the time of `Effect.forEach` with unbounded concurrency.
 */
import { Effect, Fiber } from 'effect'
import type { Sizes } from '../kernel.ts'

let ended = 0

const child = Effect.gen(function* () {
  yield* Effect.yieldNow
  ended++
})

const main = Effect.fnUntraced(function* ({ tasks, repeats }: Sizes) {
  ended = 0
  for (let i = 0; i < repeats; i++) {
    const fibers: Fiber.Fiber<void>[] = []
    for (let j = 0; j < tasks; j++) fibers.push(yield* Effect.forkChild(child))
    for (const fiber of fibers) yield* Fiber.join(fiber)
  }
  return ended
})

export function batch(sizes: Sizes): Promise<number> {
  return Effect.runPromise(main(sizes))
}
