/** Fibers of Effect that keep giving way by `yieldNow`. Fair: they do nothing else. */
import { Effect } from 'effect'
import type { Sizes } from '../kernel.ts'

const busy = Effect.forever(Effect.yieldNow)

const main = Effect.fnUntraced(function* (tasks: number, whenBusy: () => void) {
  for (let i = 0; i < tasks; i++) yield* Effect.forkChild(busy)
  yield* Effect.yieldNow
  whenBusy()
  yield* busy
})

export function keepBusy({ tasks }: Sizes, whenBusy: () => void): Promise<void> {
  return Effect.runPromise(main(tasks, whenBusy))
}
