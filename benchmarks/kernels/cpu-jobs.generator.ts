/** Jobs for the CPU in a pool of polvo, in generators. Fair: the workers are started and warm before the watch runs, as all have it. */
import { ProcessPoolExecutor, ThreadPoolExecutor } from '@polvo/threads'
import { type Coroutine, gather, run, use } from 'polvo'
import { BELOW, checkPrimes } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const file = new URL('../jobs.ts', import.meta.url)

function* main({ tasks, workers = 1, areProcesses }: Sizes, watch: Stopwatch): Coroutine<number> {
  watch.pause()
  const Pool = areProcesses ? ProcessPoolExecutor : ThreadPoolExecutor
  return yield* use(new Pool({ maxWorkers: workers }), function* (pool) {
    const jobs = pool.module<typeof import('../jobs.ts')>(file)
    const each = (times: number) => Array.from({ length: times }, () => jobs.countPrimes(BELOW))
    yield* gather(...each(workers))
    watch.resume()
    const found = yield* gather(...each(tasks))
    watch.pause()
    return checkPrimes(found)
  })
}

export function batch(sizes: Sizes, watch: Stopwatch): Promise<number> {
  return run(main(sizes, watch))
}
