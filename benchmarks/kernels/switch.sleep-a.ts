/** Switching by `await sleep(0)`. Fair: one shared function, and every switch returns to the loop. */
import { createTask, run, sleep } from 'polvo'
import type { Sizes } from '../kernel.ts'

async function worker(repeats: number): Promise<number> {
  let passes = 0
  for (; passes < repeats; passes++) await sleep(0)
  return passes
}

export function batch({ tasks, repeats }: Sizes): Promise<number> {
  return run(async () => {
    const workers = Array.from({ length: tasks }, () => createTask(worker, repeats))
    let passes = 0
    for (const task of workers) passes += await task
    return passes
  })
}
