/** Awaiting a native async function that never suspends. Fair: its result is used, and it takes an argument. */
import type { Sizes } from '../kernel.ts'

async function one(i: number): Promise<number> {
  return i >= 0 ? 1 : 0
}

export async function callMany(repeats: number): Promise<number> {
  let calls = 0
  for (let i = 0; i < repeats; i++) calls += await one(i)
  return calls
}

export function batch({ repeats }: Sizes): Promise<number> {
  return callMany(repeats)
}
