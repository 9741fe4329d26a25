/** Jobs for the CPU in a pool of piscina. Fair: its threads are started and warm before the watch runs, as polvo's. */
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { BELOW, checkPrimes } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const filename = fileURLToPath(new URL('../jobs.ts', import.meta.url))

export async function batch({ tasks, workers = 1 }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  const pool = new Piscina({ filename, name: 'countPrimes', minThreads: workers, maxThreads: workers })
  const each = (times: number) => Promise.all(Array.from({ length: times }, () => pool.run(BELOW)))
  await each(workers)
  watch.resume()
  const found = await each(tasks)
  watch.pause()
  await pool.destroy()
  return checkPrimes(found)
}
