/** Memory of fibers of Effect that wait on the same queue. Fair: one shared effect for all of them. */
import { Effect, type Fiber, Queue } from 'effect'
import type { Sizes } from '../kernel.ts'

const takers: Fiber.Fiber<number>[] = []
let waiting = 0

export function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  return Effect.runPromise(
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<number>()
      const taker = Effect.gen(function* () {
        waiting++
        return yield* Queue.take(queue)
      })
      for (let i = 0; i < tasks; i++) takers.push(yield* Effect.forkChild(taker))
      yield* Effect.sleep(100)
      whenAsleep(waiting)
    }),
  )
}
