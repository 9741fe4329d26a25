/** Switching between native async functions. Fair: `await undefined` is the cheapest way to let the others run. */
import type { Sizes } from '../kernel.ts'

export async function worker(repeats: number): Promise<number> {
  let passes = 0
  for (; passes < repeats; passes++) await undefined
  return passes
}

export async function batch({ tasks, repeats }: Sizes): Promise<number> {
  const workers = Array.from({ length: tasks }, () => worker(repeats))
  const passes = await Promise.all(workers)
  return passes.reduce((sum, each) => sum + each, 0)
}
