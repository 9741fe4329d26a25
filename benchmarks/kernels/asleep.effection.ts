/** Memory of tasks of Effection that sleep. Fair: one shared operation for all of them. */
import { type Operation, run, sleep, spawn, type Task } from 'effection'
import type { Sizes } from '../kernel.ts'

const sleepers: Task<void>[] = []
let asleep = 0

function* sleeper(): Operation<void> {
  asleep++
  yield* sleep(3_600_000)
}

export async function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  await run(function* () {
    for (let i = 0; i < tasks; i++) sleepers.push(yield* spawn(sleeper))
    yield* sleep(100)
    whenAsleep(asleep)
  })
}
