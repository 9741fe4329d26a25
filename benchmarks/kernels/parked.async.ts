/** Memory of async-spelled tasks that wait on the same queue. Fair: as its generator twin. */
import { createTask, Queue, run, sleep, type Task } from 'polvo'
import type { Sizes } from '../kernel.ts'

const queue = new Queue<number>()
const takers: Task<number>[] = []
let waiting = 0

async function taker(): Promise<number> {
  waiting++
  return await queue.get()
}

export function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  return run(async () => {
    for (let i = 0; i < tasks; i++) takers.push(createTask(taker))
    await sleep(100)
    whenAsleep(waiting)
  })
}
