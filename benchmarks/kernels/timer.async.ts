/** Arming and cancelling timers of the loop, from an async-spelled task. Fair: the loop of timer.generator.ts. */
import { run } from 'polvo'
import type { Sizes } from '../kernel.ts'
import { armMany } from './timer.generator.ts'

export function batch({ repeats }: Sizes): Promise<number> {
  return run(async () => armMany(repeats))
}
