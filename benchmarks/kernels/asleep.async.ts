/** Memory of async-spelled tasks that sleep. Fair: one shared function, and the program keeps its tasks in an array. */
import { createTask, run, sleep, type Task } from 'polvo'
import type { Sizes } from '../kernel.ts'

const sleepers: Task<void>[] = []
let asleep = 0

async function sleeper(): Promise<void> {
  asleep++
  await sleep(3_600_000)
}

export function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  return run(async () => {
    for (let i = 0; i < tasks; i++) sleepers.push(createTask(sleeper))
    await sleep(100)
    whenAsleep(asleep)
  })
}
