/**
 * A worker of a job queue on a Redis stream, in the async spelling: `node worker-async.ts URL NAME`. Run several, each
 * with a name of its own.
 *
 * Each job is one worker's, and done when the worker says so; so no job is lost. When a worker crashes its jobs are its own again
 * once it is back under the same name, or another's after a while. SIGTERM and Ctrl-C stop it in order: it takes no new job, and
 * ends when those under way are done.
 */
import { createClient, type Entry } from '@polvo/redis'
import { sleep, use } from 'polvo'
import { addSignalHandler, main } from 'polvo/node'
import { claimAfter, GROUP, STREAM } from './queue.ts'

async function work({ fields }: Entry): Promise<void> {
  console.log(`job ${fields.number} begins`)
  await sleep(Number(fields.ms))
  console.log(`job ${fields.number} is done`)
}

async function worker(url = 'redis://localhost', name = 'worker-1'): Promise<void> {
  await use(createClient(url), async (client) => {
    const group = client.consumerGroup(STREAM, GROUP, name, { claimAfter })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) addSignalHandler(signal, () => group.stop())
    console.log(`${name} waits for jobs`)
    await group.process(work, {
      concurrency: 4,
      onError: ({ fields }, error) =>
        console.log(`job ${fields.number} has failed, and comes again: ${error}`),
    })
  })
  console.log(`${name} has stopped`)
}

await main(() => worker(...process.argv.slice(2)))
