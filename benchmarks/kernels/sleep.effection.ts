/** Tasks of Effection that sleep up to a second. Fair: as spawn.effection.ts. */
import { type Operation, run, sleep, spawn, type Task } from 'effection'
import { durations } from '../durations.ts'
import type { Sizes } from '../kernel.ts'

let awake = 0

function* sleeper(ms: number): Operation<void> {
  yield* sleep(ms)
  awake++
}

export async function batch({ tasks }: Sizes): Promise<number> {
  return await run(function* () {
    awake = 0
    const children: Task<void>[] = []
    for (const ms of durations(tasks, 1_000)) children.push(yield* spawn(() => sleeper(ms)))
    for (const task of children) yield* task
    return awake
  })
}
