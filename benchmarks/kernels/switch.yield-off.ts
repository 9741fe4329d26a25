/** Switching by a bare `yield` where tasks do not carry the platform's async context. Fair: see switch.yield.ts. */
import type { Sizes } from '../kernel.ts'
import { batch as batchWith } from './switch.yield.ts'

export function batch(sizes: Sizes): Promise<number> {
  return batchWith(sizes, false)
}
