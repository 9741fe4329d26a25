/** Calls of a typed module in a thread, in async functions. Fair: one thread, started and warm before the watch runs, as all have it. */
import { ThreadPoolExecutor } from '@polvo/threads'
import { run } from 'polvo'
import { WARM_JOBS } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const file = new URL('../jobs.ts', import.meta.url)

export function batch({ repeats }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  return run(async () => {
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1 })
    const jobs = pool.module<typeof import('../jobs.ts')>(file)
    for (let i = 0; i < WARM_JOBS; i++) await jobs.increment(i)
    watch.resume()
    let n = 0
    for (let i = 0; i < repeats; i++) n = await jobs.increment(n)
    watch.pause()
    return n
  })
}
