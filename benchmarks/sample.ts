/**
 * Runs one kernel in this process and prints one line of JSON: `node sample.ts time|once|memory KERNEL SIZES`.
 *
 * Fair: the same procedure for every JavaScript contestant (`sample.py` does the same in Python). A time sample warms up,
 * then reports the median of its batches: unlike the minimum it does not fall with the number of repetitions, of which
 * fast kernels get more, and it does not skip the garbage collector. Every batch returns how many operations it saw
 * happen, so nothing can be optimised away.
 */
import type { MemoryKernel, OnceKernel, Sample, SampleKind, Sizes, TimedKernel } from './kernel.ts'
import { median } from './statistics.ts'

const WARM_UP = { ms: 500, batches: 3 }
const MEASURE = { ms: 500, batches: 5 }
/** After this long it is enough, however few the batches were. */
const LONG_MS = 3_000

async function timeSample({ batch }: TimedKernel, sizes: Sizes): Promise<Sample> {
  const operations = sizes.tasks * sizes.repeats
  const run = async () => {
    const start = performance.now()
    const seen = await batch(sizes)
    const ms = performance.now() - start
    if (seen !== operations) throw new Error(`The kernel did ${seen} operations of ${operations}.`)
    return ms
  }

  await repeat(WARM_UP, run)
  const cpu = process.cpuUsage()
  const batches = (await repeat(MEASURE, run)).map((ms) => (ms * 1e6) / operations)
  const { user, system } = process.cpuUsage(cpu)
  const cpuPerOperation = ((user + system) * 1e3) / (operations * batches.length)
  return { values: { wall: median(batches), cpu: cpuPerOperation }, batches }
}

async function onceSample({ prepare }: OnceKernel, sizes: Sizes): Promise<Sample> {
  const operations = sizes.tasks * sizes.repeats
  const { run, close } = await prepare(sizes)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const seen = await run()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  await close()
  if (seen !== operations) throw new Error(`The kernel did ${seen} operations of ${operations}.`)
  return { values: { wall: (ms * 1e6) / operations, cpu: ((user + system) * 1e3) / operations } }
}

/** Run until both numbers are reached, or for long. Returns what each run took. */
async function repeat(least: { ms: number; batches: number }, run: () => Promise<number>): Promise<number[]> {
  const times: number[] = []
  let spent = 0
  while (spent < LONG_MS && (spent < least.ms || times.length < least.batches)) {
    const ms = await run()
    times.push(ms)
    spent += ms
  }
  return times
}

function memorySample({ hold }: MemoryKernel, sizes: Sizes): Promise<void> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('A memory sample needs node --expose-gc.')
  const memory = () => {
    gc()
    gc()
    return process.memoryUsage()
  }
  const before = memory()
  return hold(sizes, (asleep) => {
    if (asleep !== sizes.tasks) throw new Error(`${asleep} tasks of ${sizes.tasks} are asleep.`)
    const after = memory()
    const heap = (after.heapUsed - before.heapUsed) / sizes.tasks
    const rss = (after.rss - before.rss) / sizes.tasks
    print({ values: { heap, rss } })
    process.exit(0)
  })
}

function print(sample: Sample): void {
  console.log(JSON.stringify(sample))
}

const [kind, kernelFile, sizesText = ''] = process.argv.slice(2)
const kernel: unknown = await import(new URL(`kernels/${kernelFile}`, import.meta.url).href)
const sizes = JSON.parse(sizesText) as Sizes
if ((kind as SampleKind) === 'time') print(await timeSample(kernel as TimedKernel, sizes))
else if ((kind as SampleKind) === 'once') print(await onceSample(kernel as OnceKernel, sizes))
else await memorySample(kernel as MemoryKernel, sizes)
