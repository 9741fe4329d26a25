/** Async-spelled tasks of a group that sleep up to a second. Fair: one shared function. */
import { run, sleep, taskGroup } from 'polvo'
import { durations } from '../durations.ts'
import type { Sizes } from '../kernel.ts'

let awake = 0

async function sleeper(ms: number): Promise<void> {
  await sleep(ms)
  awake++
}

export function batch({ tasks }: Sizes): Promise<number> {
  return run(async () => {
    awake = 0
    await taskGroup(async (group) => {
      for (const ms of durations(tasks, 1_000)) group.createTask(sleeper, ms)
    })
    return awake
  })
}
