/** Memory of fibers of Effect that sleep. Fair: one shared effect for all of them. */
import { Effect, type Fiber } from 'effect'
import type { Sizes } from '../kernel.ts'

const sleepers: Fiber.Fiber<void>[] = []
let asleep = 0

const sleeper = Effect.gen(function* () {
  asleep++
  yield* Effect.sleep(3_600_000)
})

export function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  return Effect.runPromise(
    Effect.gen(function* () {
      for (let i = 0; i < tasks; i++) sleepers.push(yield* Effect.forkChild(sleeper))
      yield* Effect.sleep(100)
      whenAsleep(asleep)
    }),
  )
}
