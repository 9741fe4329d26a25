// A master, its replica and a sentinel, all of them real: the master is found, and the new one when it changes.

import { writeFileSync } from 'node:fs'
import { run } from 'polvo'
import { expect, test } from 'vitest'
import { ConnectionError, ReadOnlyError } from '../src/index.ts'
import { describeRedis, freePort, RedisServer, startServer, until } from './support/server.ts'
import { afterTest, clientFor, errorOf } from './support/world.ts'

/** A sentinel that watches `master`. */
async function startSentinel(master: RedisServer): Promise<RedisServer> {
  const sentinel = new RedisServer(await freePort(), ['--sentinel'])
  afterTest(() => sentinel.stop())
  const lines = [
    `sentinel monitor main 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds main 200',
    'sentinel failover-timeout main 1000',
  ]
  writeFileSync(sentinel.config, `${lines.join('\n')}\n`)
  return sentinel.start()
}

describeRedis('sentinels', () => {
  test('tell who the master is, and who it is after a failover', { timeout: 30_000 }, async () => {
    const master = await startServer('--repl-diskless-sync-delay', '0')
    const replica = await startServer('--replicaof', '127.0.0.1', String(master.port))
    afterTest(() => master.stop())
    afterTest(() => replica.stop())
    await until(() => replica.cli('info', 'replication').includes('master_link_status:up'), undefined, 10_000)
    const sentinel = await startSentinel(master)
    await until(
      () => sentinel.cli('sentinel', 'replicas', 'main').includes(String(replica.port)),
      undefined,
      12_000,
    )
    const nodes = [{ host: '127.0.0.1', port: sentinel.port }]
    const reader = clientFor(master, { sentinels: { name: 'main', nodes, role: 'replica' } })
    const client = clientFor(master, { sentinels: { name: 'main', nodes }, reconnectWithin: 20_000 })
    await run(async () => {
      await client.set('a', 1)
      expect(master.cli('get', 'a')).toBe('1')
      expect(await reader.info('replication')).toContain('role:slave')
      await expect(Promise.resolve().then(() => reader.set('a', 1))).rejects.toThrow(ReadOnlyError)
      await master.kill()
      expect(await client.set('a', 2)).toBe('OK')
      expect(replica.cli('get', 'a')).toBe('2')
    })
  })

  test('that cannot be reached: the error says so', async () => {
    const port = await freePort()
    const sentinels = { name: 'main', nodes: [{ host: '127.0.0.1', port }] }
    const client = clientFor(new RedisServer(port), { sentinels, reconnectWithin: 100 })
    const error = await errorOf(() => client.get('a'))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain(`redis main@127.0.0.1:${port}: no connection`)
  })
})
