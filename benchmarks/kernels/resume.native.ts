/** Resuming at the bottom of a chain of native async functions. Fair: only the innermost one runs, and awaits nothing else. */
import type { Sizes } from '../kernel.ts'

async function chain(depth: number, repeats: number): Promise<number> {
  if (depth > 0) return await chain(depth - 1, repeats)
  let resumes = 0
  for (; resumes < repeats; resumes++) await undefined
  return resumes
}

export async function batch({ tasks, repeats, depth }: Sizes): Promise<number> {
  const chains = Array.from({ length: tasks }, () => chain(depth, repeats))
  const resumes = await Promise.all(chains)
  return resumes.reduce((sum, each) => sum + each, 0)
}
