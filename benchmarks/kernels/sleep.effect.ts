/** Fibers of Effect that sleep up to a second. Fair: `forkChild` and `Fiber.join`, as in spawn.effect.ts. */
import { Effect, Fiber } from 'effect'
import { durations } from '../durations.ts'
import type { Sizes } from '../kernel.ts'

let awake = 0

const sleeper = (ms: number) =>
  Effect.map(Effect.sleep(ms), () => {
    awake++
  })

const main = Effect.fnUntraced(function* (tasks: number) {
  awake = 0
  const fibers: Fiber.Fiber<void>[] = []
  for (const ms of durations(tasks, 1_000)) fibers.push(yield* Effect.forkChild(sleeper(ms)))
  for (const fiber of fibers) yield* Fiber.join(fiber)
  return awake
})

export function batch({ tasks }: Sizes): Promise<number> {
  return Effect.runPromise(main(tasks))
}
