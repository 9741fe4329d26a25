/** Many timers of the loop that are due at once, from an async-spelled task. Fair: the timers of timers.generator.ts. */
import { Event, run } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { armAndWaitUntilDue } from './timers.generator.ts'

export function batch({ tasks, repeats }: Sizes, watch: Stopwatch): Promise<number> {
  return run(async () => {
    for (let i = 0; i < repeats; i++) {
      const all = new Event()
      armAndWaitUntilDue(tasks, watch, all)
      await all.wait()
    }
    return tasks * repeats
  })
}
