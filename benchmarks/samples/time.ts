/**
 * Warms up, then reports the median of some batches: unlike the minimum it does not fall with the number of repetitions, of
 * which fast kernels get more, and it does not skip the garbage collector. Every batch returns how many operations it saw
 * happen, so nothing can be optimised away.
 */
import type { Sample, Sizes, Stopwatch, TimedKernel } from '../kernel.ts'
import { median } from '../statistics.ts'

const WARM_UP = { ms: 300, batches: 1 }
const MEASURE = { ms: 400, batches: 3 }
/** After this long it is enough, however few the batches were. */
const LONG_MS = 1_000

export async function timeSample({ batch }: TimedKernel, sizes: Sizes): Promise<Sample> {
  const operations = sizes.tasks * sizes.repeats
  const run = async () => {
    const watch = new BatchWatch()
    const seen = await batch(sizes, watch)
    watch.pause()
    if (seen !== operations) throw new Error(`The kernel did ${seen} operations of ${operations}.`)
    return watch.ms
  }

  if (sizes.warmUps === undefined) await repeat(WARM_UP, run)
  else for (let i = 0; i < sizes.warmUps; i++) await run()
  const cpu = process.cpuUsage()
  const batches = (await repeat(MEASURE, run)).map((ms) => (ms * 1e6) / operations)
  const { user, system } = process.cpuUsage(cpu)
  const cpuPerOperation = ((user + system) * 1e3) / (operations * batches.length)
  return { values: { wall: median(batches), cpu: cpuPerOperation }, batches }
}

/** Run until both numbers are reached, or for long. Returns what each run says it took. */
async function repeat(least: { ms: number; batches: number }, run: () => Promise<number>): Promise<number[]> {
  const times: number[] = []
  const start = performance.now()
  const spent = () => performance.now() - start
  while (spent() < LONG_MS && (spent() < least.ms || times.length < least.batches)) times.push(await run())
  return times
}

class BatchWatch implements Stopwatch {
  ms = 0
  #since: number | null = performance.now()

  /** A second call does nothing. */
  pause(): void {
    if (this.#since !== null) this.ms += performance.now() - this.#since
    this.#since = null
  }

  resume(): void {
    this.#since ??= performance.now()
  }
}
