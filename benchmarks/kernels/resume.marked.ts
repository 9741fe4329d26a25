/**
 * Resuming a task that is suspended `depth` calls below its own function, where each of those is marked by `coroutine()`.
 * Fair: the chain is entered once and suspends at its bottom, as the native one does.
 */
import { type Coroutine, coroutine, createTask, run } from 'polvo'
import type { Sizes } from '../kernel.ts'

const chain = coroutine(function* (depth: number, repeats: number): Coroutine<number> {
  if (depth > 0) return yield* chain(depth - 1, repeats)
  let resumes = 0
  for (; resumes < repeats; resumes++) yield
  return resumes
})

function* main({ tasks, repeats, depth }: Sizes): Coroutine<number> {
  const chains = Array.from({ length: tasks }, () => createTask(chain, depth, repeats))
  let resumes = 0
  for (const task of chains) resumes += yield* task
  return resumes
}

export function batch(sizes: Sizes): Promise<number> {
  return run(main(sizes))
}
