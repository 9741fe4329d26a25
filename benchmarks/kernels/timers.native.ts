/** Many timers of Node that are due at once. Fair: a bare `setTimeout` with a shared function. */
import { durations } from '../durations.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { spin } from '../spin.ts'

const LONGEST_MS = 100

export async function batch({ tasks, repeats }: Sizes, watch: Stopwatch): Promise<number> {
  for (let i = 0; i < repeats; i++) {
    watch.pause()
    const times = durations(tasks, LONGEST_MS)
    watch.resume()
    await new Promise<void>((resolve) => {
      let left = tasks
      const fire = () => {
        if (--left === 0) resolve()
      }
      for (const ms of times) setTimeout(fire, ms)
      watch.pause()
      spin(LONGEST_MS + 1)
      watch.resume()
    })
  }
  return tasks * repeats
}
