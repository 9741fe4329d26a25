/** Many async-spelled tasks that wait for one event. Fair: all wait when it is set. */
import { Event, run, sleep, taskGroup } from 'polvo'
import type { Sizes } from '../kernel.ts'

let woken = 0

async function waiter(event: Event): Promise<void> {
  await event.wait()
  woken++
}

export function batch({ tasks, repeats }: Sizes): Promise<number> {
  return run(async () => {
    woken = 0
    for (let i = 0; i < repeats; i++) {
      await taskGroup(async (group) => {
        const event = new Event()
        for (let j = 0; j < tasks; j++) group.createTask(waiter, event)
        await sleep(0)
        event.set()
      })
    }
    return woken
  })
}
