/** SET and GET with node-redis. Fair: it writes all commands of a tick together by itself. */
import { createClient } from 'redis'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { startRedis } from '../redis-server.ts'

async function connectTo(port: number) {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  return client
}

type NodeRedis = Awaited<ReturnType<typeof connectTo>>
let client: NodeRedis | null = null

async function work(redis: NodeRedis, task: number, repeats: number): Promise<number> {
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
  client ??= await connectTo(await startRedis())
  const redis = client
  watch.resume()
  const seen = await Promise.all(Array.from({ length: tasks }, (_, task) => work(redis, task, repeats)))
  return seen.reduce((sum, each) => sum + each, 0)
}
