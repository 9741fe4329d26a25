/** Memory of tasks that sleep. Fair: one shared function, and the program keeps its tasks in an array, as all do. */
import { type Coroutine, createTask, run, sleep, type Task } from 'polvo'
import type { Sizes } from '../kernel.ts'

const sleepers: Task<void>[] = []
let asleep = 0

function* sleeper(): Coroutine {
  asleep++
  yield* sleep(3_600_000)
}

export function hold({ tasks }: Sizes, whenAsleep: (asleep: number) => never): Promise<void> {
  return run(function* () {
    for (let i = 0; i < tasks; i++) sleepers.push(createTask(sleeper))
    yield* sleep(100)
    whenAsleep(asleep)
  })
}
