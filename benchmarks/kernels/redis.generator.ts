/** SET and GET in generators. Fair: one client, as many tasks as the driver has promises under way, each value checked. */
import { type Client, createClient } from '@polvo/redis'
import { type Coroutine, run, taskGroup } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { startRedis } from '../redis-server.ts'

let client: Client | null = null

function* work(redis: Client, task: number, repeats: number): Coroutine<number> {
  const key = `key:${task}`
  for (let i = 0; i < repeats; i += 2) {
    const value = `value:${i}`
    yield* redis.set(key, value)
    if ((yield* redis.get(key)) !== value) throw new Error('That is not the value that was set.')
  }
  return repeats
}

export async function batch({ tasks, repeats }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  client ??= createClient({ host: '127.0.0.1', port: await startRedis() })
  const redis = client
  await run(() => redis.ping())
  watch.resume()
  return run(function* () {
    let seen = 0
    yield* taskGroup(function* (group) {
      for (let task = 0; task < tasks; task++) {
        group.createTask(function* () {
          const done = yield* work(redis, task, repeats)
          seen += done
        })
      }
    })
    return seen
  })
}
