/** Switching by `yield* sleep(0)`. Fair: one shared function, and every switch returns to the loop. */
import { type Coroutine, createTask, run, sleep } from 'polvo'
import type { Sizes } from '../kernel.ts'

function* worker(repeats: number): Coroutine<number> {
  let passes = 0
  for (; passes < repeats; passes++) yield* sleep(0)
  return passes
}

function* main({ tasks, repeats }: Sizes): Coroutine<number> {
  const workers = Array.from({ length: tasks }, () => createTask(worker, repeats))
  let passes = 0
  for (const task of workers) passes += yield* task
  return passes
}

export function batch(sizes: Sizes): Promise<number> {
  return run(main(sizes))
}
