/** SET and GET with ioredis alone. Fair: it pipelines by itself, as polvo does, which is its fastest way. */
import { Redis } from 'ioredis'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { startRedis } from '../redis-server.ts'

let client: Redis | null = null

async function work(redis: Redis, task: number, repeats: number): Promise<number> {
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
  client ??= new Redis({ host: '127.0.0.1', port: await startRedis(), enableAutoPipelining: true })
  const redis = client
  await redis.ping()
  watch.resume()
  const seen = await Promise.all(Array.from({ length: tasks }, (_, task) => work(redis, task, repeats)))
  return seen.reduce((sum, each) => sum + each, 0)
}
