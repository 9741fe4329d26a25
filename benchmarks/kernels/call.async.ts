/** Awaiting a plain async function that never suspends, inside a task. Fair: the loop of call.native.ts, under `run`. */
import { run } from 'polvo'
import type { Sizes } from '../kernel.ts'
import { callMany } from './call.native.ts'

export function batch({ repeats }: Sizes): Promise<number> {
  return run(() => callMany(repeats))
}
