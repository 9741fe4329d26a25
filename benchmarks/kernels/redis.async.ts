/** SET and GET in async functions. Fair: one client, as many tasks as the driver has promises under way, each value checked. */
import { type Client, createClient } from '@polvo/redis'
import { run, taskGroup } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { startRedis } from '../redis-server.ts'

let client: Client | null = null

async function work(redis: Client, task: number, repeats: number): Promise<number> {
  const key = `key:${task}`
  for (let i = 0; i < repeats; i += 2) {
    const value = `value:${i}`
    await redis.set(key, value)
    if ((await redis.get(key)) !== value) throw new Error('That is not the value that was set.')
  }
  return repeats
}

export async function batch({ tasks, repeats }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  client ??= createClient({ host: '127.0.0.1', port: await startRedis() })
  const redis = client
  await run(() => redis.ping())
  watch.resume()
  return run(async () => {
    let seen = 0
    await taskGroup(async (group) => {
      for (let task = 0; task < tasks; task++) {
        group.createTask(async () => {
          const done = await work(redis, task, repeats)
          seen += done
        })
      }
    })
    return seen
  })
}
