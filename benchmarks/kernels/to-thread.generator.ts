/** Calls of a typed module in a thread, in generators. Fair: one thread, started and warm before the watch runs, as all have it. */
import { ThreadPoolExecutor } from '@polvo/threads'
import { type Coroutine, run, use } from 'polvo'
import { WARM_JOBS } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const file = new URL('../jobs.ts', import.meta.url)

function* main(repeats: number, watch: Stopwatch): Coroutine<number> {
  watch.pause()
  return yield* use(new ThreadPoolExecutor({ maxWorkers: 1 }), function* (pool) {
    const jobs = pool.module<typeof import('../jobs.ts')>(file)
    for (let i = 0; i < WARM_JOBS; i++) yield* jobs.increment(i)
    watch.resume()
    let n = 0
    for (let i = 0; i < repeats; i++) n = yield* jobs.increment(n)
    watch.pause()
    return n
  })
}

export function batch({ repeats }: Sizes, watch: Stopwatch): Promise<number> {
  return run(main(repeats, watch))
}
