/**
 * Resuming through plain `yield*`, which walks the whole chain each time; for comparison. Fair: resume.marked.ts without
 * the mark.
 */
import { type Coroutine, createTask, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

function* chain(depth: number, repeats: number): Coroutine<number> {
  if (depth > 0) return yield* chain(depth - 1, repeats)
  let resumes = 0
  for (; resumes < repeats; resumes++) yield
  return resumes
}

function* main({ tasks, repeats, depth }: Sizes): Coroutine<number> {
  const chains = Array.from({ length: tasks }, () => createTask(chain, depth, repeats))
  let resumes = 0
  for (const task of chains) resumes += yield* task
  return resumes
}

export function batch(sizes: Sizes): Promise<number> {
  return run(main(sizes))
}
