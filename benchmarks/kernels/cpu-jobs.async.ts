/** Jobs for the CPU in a pool of polvo, in async functions. Fair: the workers are started and warm before the watch runs. */
import { ProcessPoolExecutor, ThreadPoolExecutor } from '@polvo/threads'
import { gather, run } from 'polvo'
import { BELOW, checkPrimes } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const file = new URL('../jobs.ts', import.meta.url)

export function batch({ tasks, workers = 1, areProcesses }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  return run(async () => {
    const Pool = areProcesses ? ProcessPoolExecutor : ThreadPoolExecutor
    await using pool = new Pool({ maxWorkers: workers })
    const jobs = pool.module<typeof import('../jobs.ts')>(file)
    const each = (times: number) => Array.from({ length: times }, () => jobs.countPrimes(BELOW))
    await gather(...each(workers))
    watch.resume()
    const found = await gather(...each(tasks))
    watch.pause()
    return checkPrimes(found)
  })
}
