/**
 * Resuming a task in the async spelling, suspended `depth` calls below its own function. Fair: a chain of plain async
 * functions, suspended at its bottom by the operation that an async-spelled task has for it.
 */
import { createTask, run, sleep } from 'polvo'
import type { Sizes } from '../kernel.ts'

async function chain(depth: number, repeats: number): Promise<number> {
  if (depth > 0) return await chain(depth - 1, repeats)
  let resumes = 0
  for (; resumes < repeats; resumes++) await sleep(0)
  return resumes
}

export function batch({ tasks, repeats, depth }: Sizes): Promise<number> {
  return run(async () => {
    const chains = Array.from({ length: tasks }, () => createTask(chain, depth, repeats))
    let resumes = 0
    for (const task of chains) resumes += await task
    return resumes
  })
}
