/** Interrupting fibers of Effect that wait. Fair: one shared effect, and `interruptAll` tells all before it waits. */
import { Effect, Fiber } from 'effect'
import type { Sizes, Stopwatch } from '../kernel.ts'

let cleaned = 0

const cleanUp = Effect.sync(() => {
  cleaned++
})
const blocked = Effect.never.pipe(Effect.ensuring(cleanUp))

const main = Effect.fnUntraced(function* (tasks: number, watch: Stopwatch) {
  watch.pause()
  cleaned = 0
  const fibers: Fiber.Fiber<never>[] = []
  for (let i = 0; i < tasks; i++) fibers.push(yield* Effect.forkChild(blocked))
  yield* Effect.yieldNow
  watch.resume()
  yield* Fiber.interruptAll(fibers)
  watch.pause()
  return cleaned
})

export function batch({ tasks }: Sizes, watch: Stopwatch): Promise<number> {
  return Effect.runPromise(main(tasks, watch))
}
