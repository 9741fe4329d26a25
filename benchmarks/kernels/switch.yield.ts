/** Switching between tasks by a bare `yield`. Fair: one shared function, and every switch returns to the loop. */
import { type Coroutine, createTask, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

function* worker(repeats: number): Coroutine<number> {
  let passes = 0
  for (; passes < repeats; passes++) yield
  return passes
}

function* main({ tasks, repeats }: Sizes): Coroutine<number> {
  const workers = Array.from({ length: tasks }, () => createTask(worker, repeats))
  let passes = 0
  for (const task of workers) passes += yield* task
  return passes
}

export function batch(sizes: Sizes, asyncContext = true): Promise<number> {
  return run(main(sizes), { asyncContext })
}
