/** Starting async-spelled children in a task group. Fair: one shared function, and each child suspends once. */
import { run, sleep, taskGroup } from 'polvo'
import type { Sizes } from '../kernel.ts'

let ended = 0

async function child(): Promise<void> {
  await sleep(0)
  ended++
}

export function batch({ tasks, repeats }: Sizes): Promise<number> {
  return run(async () => {
    ended = 0
    for (let i = 0; i < repeats; i++) {
      await taskGroup(async (group) => {
        for (let j = 0; j < tasks; j++) group.createTask(child)
      })
    }
    return ended
  })
}
