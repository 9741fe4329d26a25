/** Memory of tasks that wait on the same queue. Fair: one shared function, and the program keeps its tasks in an array. */
import { type Coroutine, createTask, Queue, run, sleep, type Task } from 'polvo'
import type { Sizes } from '../kernel.ts'

const queue = new Queue<number>()
const takers: Task<number>[] = []
let waiting = 0

function* taker(): Coroutine<number> {
  waiting++
  return yield* queue.get()
}

export function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  return run(function* () {
    for (let i = 0; i < tasks; i++) takers.push(createTask(taker))
    yield* sleep(100)
    whenAsleep(waiting)
  })
}
