/** Jobs of a pool of piscina. Fair: one thread, started and warm before the watch runs, as polvo's. */
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { WARM_JOBS } from '../jobs.ts'
import type { Sizes, Stopwatch } from '../kernel.ts'

const filename = fileURLToPath(new URL('../jobs.ts', import.meta.url))

export async function batch({ repeats }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  const pool = new Piscina({ filename, name: 'increment', minThreads: 1, maxThreads: 1 })
  for (let i = 0; i < WARM_JOBS; i++) await pool.run(i)
  watch.resume()
  let n = 0
  for (let i = 0; i < repeats; i++) n = await pool.run(n)
  watch.pause()
  await pool.destroy()
  return n
}
