/** `toThread` of a function, in generators. Fair: one job at a time, on a thread that is warm before the watch runs. */
import { toThread } from '@polvo/threads'
import { type Coroutine, run } from 'polvo'
import { WARM_JOBS } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const increment = (n: number) => n + 1

function* main(repeats: number, watch: Stopwatch): Coroutine<number> {
  watch.pause()
  for (let i = 0; i < WARM_JOBS; i++) yield* toThread(increment, i)
  watch.resume()
  let n = 0
  for (let i = 0; i < repeats; i++) n = yield* toThread(increment, n)
  watch.pause()
  return n
}

export function batch({ repeats }: Sizes, watch: Stopwatch): Promise<number> {
  return run(main(repeats, watch))
}
