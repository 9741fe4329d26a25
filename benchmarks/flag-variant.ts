/** A variant of examples/flags as a contestant: its downloads alone, without bar and report. */
import { type Coroutine, call, run } from 'polvo'
import { Job } from '../examples/flags/job.ts'
import { silence } from '../examples/flags/progress.ts'
import { Tally } from '../examples/flags/report.ts'
import { sampleOfCodes, startFlagServers } from './flag-servers.ts'
import type { Sizes } from './kernel.ts'

export async function prepareVariant(
  downloadMany: (job: Job) => Coroutine | Promise<void>,
  { tasks, connections = 1 }: Sizes,
) {
  const codes = sampleOfCodes(tasks)
  const { url, folder, close } = await startFlagServers(codes)
  const tally = new Tally()
  const options = { codes, concurrency: connections, folder }
  const job = new Job(options, { url, extension: 'png' }, tally, silence)
  return {
    async run(): Promise<number> {
      await run(call(downloadMany as (job: Job) => Promise<void>, job))
      if (tally.get('error') > 0) throw new Error(`${tally.get('error')} downloads failed.`)
      return tally.total
    },
    close,
  }
}
