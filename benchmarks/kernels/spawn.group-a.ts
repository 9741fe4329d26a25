/** Starting async-spelled children in a task group. Fair: one shared function, and each child suspends once. */
import { run, sleep, taskGroup } from 'polvo'
import type { Sizes } from '../kernel.ts'

let ended = 0

async function child(): Promise<void> {
  await sleep(0)
  ended++
}

export function batch({ tasks }: Sizes): Promise<number> {
  return run(async () => {
    ended = 0
    await taskGroup(async (group) => {
      for (let i = 0; i < tasks; i++) group.createTask(child)
    })
    return ended
  })
}
