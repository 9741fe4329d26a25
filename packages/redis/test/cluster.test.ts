// A cluster of three real nodes, without replicas.
import { createTask, gather, run, sleep, type Task, use } from 'polvo'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ReplyError } from '../src/index.ts'
import { describeRedis, type RedisServer, startServer, until } from './support/server.ts'
import { clientFor, errorOf, outcomeOf } from './support/world.ts'

const RANGES = ['0 5460', '5461 10922', '10923 16383']

describeRedis('a cluster', () => {
  let servers: RedisServer[] = []

  beforeAll(async () => {
    servers = await Promise.all(
      RANGES.map(() => startServer('--cluster-enabled', 'yes', '--cluster-node-timeout', '500')),
    )
    servers.forEach((server, i) => {
      server.cli('cluster', 'addslotsrange', ...RANGES[i]!.split(' '))
      server.cli('cluster', 'set-config-epoch', String(i + 1))
    })
    for (const server of servers.slice(1))
      servers[0]!.cli('cluster', 'meet', '127.0.0.1', String(server.port))
    const isUp = (server: RedisServer) =>
      server.cli('cluster', 'info').includes('cluster_state:ok') &&
      server.cli('cluster', 'info').includes('cluster_known_nodes:3')
    await until(() => servers.every(isUp), undefined, 15_000)
  }, 20_000)
  beforeEach(() => {
    for (const server of servers) server.cli('flushall')
  })
  afterAll(() => Promise.all(servers.map((server) => server.stop())))

  const world = () => {
    const cluster = [{ host: '127.0.0.1', port: servers[0]!.port }]
    return clientFor(servers[0]!, { cluster, reconnectWithin: 3000 })
  }

  test('each command goes to the node that has its key', async () => {
    const client = world()
    await run(async () => {
      await gather(...Array.from({ length: 100 }, (_, i) => client.set(`k${i}`, i)))
      const values = await gather(...Array.from({ length: 100 }, (_, i) => client.get(`k${i}`)))
      expect(values).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
      for (const server of servers) expect(Number(server.cli('dbsize'))).toBeGreaterThan(10)
    })
  })

  test('a pipeline may go to several nodes, a transaction to one', async () => {
    const client = world()
    await run(async () => {
      const keys = Array.from({ length: 30 }, (_, i) => `k${i}`)
      await client.pipeline((p) => keys.map((key) => p.set(key, key)))
      expect(await client.pipeline((p) => keys.map((key) => p.get(key)))).toEqual(keys)
      expect(await client.multi((tx) => [tx.set('{a}1', 1), tx.incr('{a}1'), tx.get('{a}1')])).toEqual([
        'OK',
        2,
        '2',
      ])
    })
    const error = await errorOf(() =>
      client.multi((tx) => [tx.set('k1', 1), tx.set('k2', 1), tx.set('k3', 1)]),
    )
    expect(error).toBeInstanceOf(ReplyError)
  })

  test('what blocks, watches or listens finds its node', async () => {
    const client = world()
    await run(async () => {
      for (const key of ['a', 'b', 'c', 'd']) {
        const task = createTask(() => client.blpop(key, 5))
        await sleep(10)
        await client.rpush(key, `${key}!`)
        expect(await task).toEqual([key, `${key}!`])
        expect(
          await client.watch(`${key}n`, async (session) => {
            const n = Number(await session.get(`${key}n`))
            return session.multi((tx) => [tx.set(`${key}n`, n + 1), tx.get(`${key}n`)])
          }),
        ).toEqual(['OK', '1'])
      }
      using news = await client.subscribe('news')
      await client.publish('news', 'x')
      expect((await news.receive()).message).toBe('x')
      await use(client.lock('report', { ttl: 1000 }), async (held) => expect(held.held).toBe(true))
    })
  })

  test('a command that is cancelled leaves the others their own replies', async () => {
    const client = world()
    await run(async () => {
      await client.ping()
      const tasks = Array.from({ length: 300 }, (_, i) => createTask(() => client.echo(`e${i}`)))
      await sleep(0)
      for (const [i, task] of tasks.entries()) if (i % 3 === 0) task.cancel()
      for (const [i, task] of tasks.entries()) {
        const outcome = await createTask(outcomeOf, task as Task<unknown>)
        if (i % 3 !== 0) expect(outcome).toBe(`e${i}`)
      }
    })
  })

  test('a node that is restarted is waited for', { timeout: 15_000 }, async () => {
    const client = world()
    await run(async () => {
      await gather(...Array.from({ length: 20 }, (_, i) => client.set(`k${i}`, i)))
      await servers[2]!.kill()
      await servers[2]!.start()
      const values = await gather(...Array.from({ length: 20 }, (_, i) => client.get(`k${i}`)))
      expect(values.filter((value) => value !== null).length).toBeGreaterThan(5)
    })
  })
})
