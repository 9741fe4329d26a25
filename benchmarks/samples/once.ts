import type { OnceKernel, Sample, Sizes } from '../kernel.ts'

export async function onceSample({ prepare }: OnceKernel, sizes: Sizes): Promise<Sample> {
  const operations = sizes.tasks * sizes.repeats
  const { run, close } = await prepare(sizes)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const seen = await run()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  await close()
  if (seen !== operations) throw new Error(`The kernel did ${seen} operations of ${operations}.`)
  const peak = process.resourceUsage().maxRSS * 1024
  return { values: { wall: (ms * 1e6) / operations, cpu: ((user + system) * 1e3) / operations, peak } }
}
