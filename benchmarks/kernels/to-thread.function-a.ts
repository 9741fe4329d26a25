/** `toThread` of a function, in async functions. Fair: one job at a time, on a thread that is warm before the watch runs. */
import { toThread } from '@polvo/threads'
import { run } from 'polvo'
import { WARM_JOBS } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const increment = (n: number) => n + 1

export function batch({ repeats }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  return run(async () => {
    for (let i = 0; i < WARM_JOBS; i++) await toThread(increment, i)
    watch.resume()
    let n = 0
    for (let i = 0; i < repeats; i++) n = await toThread(increment, n)
    watch.pause()
    return n
  })
}
