/** Many timers of the loop that are due at once. Fair: they were armed for different times, in no order. */
import { type Coroutine, Event, getRunningLoop, run } from 'polvo'
import { durations } from '../durations.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { spin } from '../spin.ts'

const LONGEST_MS = 100

/** Sets the event when all have fired. */
export function armAndWaitUntilDue(tasks: number, watch: Stopwatch, all: Event): void {
  const loop = getRunningLoop()
  let left = tasks
  const fire = () => {
    if (--left === 0) all.set()
  }
  watch.pause()
  const times = durations(tasks, LONGEST_MS)
  watch.resume()
  for (const ms of times) loop.callLater(ms, fire)
  watch.pause()
  spin(LONGEST_MS + 1)
  watch.resume()
}

function* main({ tasks, repeats }: Sizes, watch: Stopwatch): Coroutine<number> {
  for (let i = 0; i < repeats; i++) {
    const all = new Event()
    armAndWaitUntilDue(tasks, watch, all)
    yield* all.wait()
  }
  return tasks * repeats
}

export function batch(sizes: Sizes, watch: Stopwatch): Promise<number> {
  return run(main(sizes, watch))
}
