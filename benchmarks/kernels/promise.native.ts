/** Awaiting promises that are resolved. Fair: each is a new one, and its value is used. */
import type { Sizes } from '../kernel.ts'

export async function awaitMany(repeats: number): Promise<number> {
  let sum = 0
  for (let i = 0; i < repeats; i++) sum += await Promise.resolve(1)
  return sum
}

export function batch({ repeats }: Sizes): Promise<number> {
  return awaitMany(repeats)
}
