// What goes wrong between client and server: each gives a clear error or recovers, and nothing acknowledged is lost.
import type { Socket } from 'node:net'
import { createTask, gather, run, sleep, type Task } from 'polvo'
import { faultProxy } from 'polvo/testing'
import { expect, test } from 'vitest'
import {
  AuthenticationError,
  type Client,
  ConnectionError,
  createClient,
  RedisError,
  ResponseTimeoutError,
} from '../src/index.ts'
import { describeRedis, freePort, RedisServer, startServer, until } from './support/server.ts'
import { afterTest, clientFor, errorOf, outcomeOf, sharedServer } from './support/world.ts'

async function serverFor(...options: string[]): Promise<RedisServer> {
  const server = await startServer(...options)
  afterTest(() => server.stop())
  return server
}

/** Count up with 20 tasks until `isOver`. Returns how many were acknowledged, and how many failed in between. */
async function countUp(
  client: Client,
  isOver: () => boolean,
): Promise<{ acknowledged: number; failed: number }> {
  const seen = { acknowledged: 0, failed: 0 }
  async function work(): Promise<void> {
    while (!isOver()) {
      try {
        await client.incr('n')
        seen.acknowledged++
      } catch (error) {
        if (!(error instanceof ConnectionError && error.mayHaveRun)) throw error
        seen.failed++
      }
      await sleep(1)
    }
  }
  await gather(...Array.from({ length: 20 }, () => createTask(work)))
  return seen
}

describeRedis('faults', () => {
  const shared = sharedServer()

  test('a server that is restarted under load: what was acknowledged is there, the rest goes on', async () => {
    const server = await serverFor('--appendonly', 'yes', '--appendfsync', 'always')
    const client = clientFor(server)
    await run(async () => {
      let isOver = false
      const counting = createTask(() => countUp(client, () => isOver))
      for (let i = 0; i < 3; i++) {
        await sleep(150)
        await server.kill()
        await server.start()
      }
      await sleep(150)
      isOver = true
      const { acknowledged, failed } = await counting
      const n = Number(await client.get('n'))
      expect(n).toBeGreaterThanOrEqual(acknowledged)
      expect(n).toBeLessThanOrEqual(acknowledged + failed)
      expect(acknowledged).toBeGreaterThan(100)
    })
  })

  test('connections that are reset: reads are sent again, writes fail where they may have been carried out', async () => {
    const proxy = await faultProxy({ target: { port: shared.server.port } })
    afterTest(() => proxy.close())
    const client = clientFor(shared.server, { port: proxy.port })
    await run(async () => {
      await client.set('a', 'b')
      let isOver = false
      const counting = createTask(() => countUp(client, () => isOver))
      const reading = createTask(async () => {
        while (!isOver) expect(await client.get('a')).toBe('b')
      })
      for (let i = 0; i < 5; i++) {
        await sleep(40)
        shared.server.cli('client', 'kill', 'type', 'normal', 'skipme', 'yes')
      }
      await sleep(40)
      isOver = true
      await reading
      const { acknowledged, failed } = await counting
      const n = Number(await client.get('n'))
      expect(n).toBeGreaterThanOrEqual(acknowledged)
      expect(n).toBeLessThanOrEqual(acknowledged + failed)
      expect(proxy.stats().connections).toBeGreaterThan(3)
    })
  })

  test('a blackout of two seconds: commands that were not sent wait for its end', {
    timeout: 10_000,
  }, async () => {
    const port = shared.server.port
    const proxy = await faultProxy({ target: { port } })
    afterTest(() => proxy.close())
    const client = clientFor(shared.server, { port: proxy.port })
    await run(async () => {
      await client.ping()
      proxy.setFaults([{ kind: 'blackout', probability: 1 }])
      shared.server.cli('client', 'kill', 'type', 'normal', 'skipme', 'yes')
      await sleep(5)
      const started = performance.now()
      const task = createTask(() => client.incr('n'))
      setTimeout(() => proxy.setFaults([]), 2000)
      expect(await task).toBe(1)
      expect(performance.now() - started).toBeGreaterThan(1900)
      expect(performance.now() - started).toBeLessThan(3500)
    })
  })

  test('a slow network: everything arrives, and what waits for room in the socket can be cancelled', async () => {
    const port = shared.server.port
    const faults = [{ kind: 'throttle', bytesPerSecond: 4_000_000, probability: 1 }] as const
    const proxy = await faultProxy({ target: { port }, faults })
    afterTest(() => proxy.close())
    const client = clientFor(shared.server, { port: proxy.port })
    await run(async () => {
      const value = 'x'.repeat(200_000)
      const tasks = Array.from({ length: 30 }, (_, i) => createTask(() => client.set(`k${i}`, value)))
      await until(() => shared.server.cli('exists', 'k0') === '1')
      tasks[29]!.cancel()
      await gather(...tasks.slice(0, 29))
      expect(await client.strlen('k28')).toBe(200_000)
      expect(await client.exists('k29')).toBe(0)
    })
  })

  test('a password that is refused, or missing, says so at once', async () => {
    const server = await serverFor('--requirepass', 'right')
    for (const password of ['wrong', undefined]) {
      const started = performance.now()
      const client = clientFor(server, { password })
      const error = await errorOf(() => client.get('a'))
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error).toMatchObject({ code: 'POLVO_REDIS_AUTHENTICATION' })
      expect(error.message).toMatch(password === undefined ? /NOAUTH/ : /WRONGPASS/)
      expect(error.message).not.toContain('wrong ')
      expect(performance.now() - started).toBeLessThan(1000)
    }
    expect(await run(() => clientFor(server, { password: 'right' }).ping())).toBe('PONG')
    expect(
      await run(() => clientFor(server, { url: `redis://:right@127.0.0.1:${server.port}` }).ping()),
    ).toBe('PONG')
  })

  test('an unknown host says so at once', async () => {
    const client = createClient('redis://nowhere.invalid')
    const error = await errorOf(() => client.get('a'))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toMatch(
      /^redis nowhere.invalid:6379: no connection: .*ENOTFOUND.* Check the name of the host\.$/,
    )
    expect(error).toMatchObject({ code: 'POLVO_REDIS_CONNECTION', mayHaveRun: false })
    await run(() => client.close())
  })

  test('nobody listens: the error says so once reconnectWithin is over, and the next command begins anew', async () => {
    const server = new RedisServer(await freePort())
    afterTest(() => server.stop())
    const client = clientFor(server, { reconnectWithin: 200 })
    const started = performance.now()
    const error = await errorOf(() => client.get('a'))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain('is the server running?')
    expect(performance.now() - started).toBeLessThan(600)
    await server.start()
    expect(await run(() => client.ping())).toBe('PONG')
  })

  test('who comes when the others have given up has all the time again', async () => {
    const server = new RedisServer(await freePort())
    afterTest(() => server.stop())
    const client = clientFor(server, { reconnectWithin: 400 })
    await run(async () => {
      const task = createTask(() => client.get('a'))
      await sleep(100)
      task.cancel()
      await createTask(outcomeOf, task as Task<unknown>)
      await sleep(600)
      const started = performance.now()
      await createTask(outcomeOf, createTask(() => client.get('a')) as Task<unknown>)
      expect(performance.now() - started).toBeGreaterThan(100)
    })
  })

  test('a server that takes connections and says nothing: the error says so', async () => {
    const faults = [{ kind: 'hang', probability: 1 }] as const
    const proxy = await faultProxy({ target: { port: shared.server.port }, faults })
    afterTest(() => proxy.close())
    const client = clientFor(shared.server, { port: proxy.port, connectTimeout: 60, reconnectWithin: 100 })
    const error = await errorOf(() => client.get('a'))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain('it said nothing for 60 ms')
    const messages = await errorOf(() => client.subscribe('news'))
    expect(messages.message).toContain('it said nothing for 60 ms')
  })

  test('a socket that takes nothing more, while the driver does not know it yet', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.set('a', 'b')
      const { driver } = (client as unknown as { trunk: { driver: { stream: Socket } } }).trunk
      driver.stream.end()
      expect(await gather(client.get('a'), client.incr('n'))).toEqual(['b', 1])
    })
  })

  test('too many clients: the error says so; with time it waits for a place', async () => {
    const server = await serverFor('--maxclients', '2')
    const [first, second, third] = [1, 2, 3].map(() => clientFor(server, { reconnectWithin: 100 }))
    await run(() => gather(first!.ping(), second!.ping()))
    const error = await errorOf(() => third!.ping())
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toMatch(/maxclients/)
    const patient = clientFor(server, { reconnectWithin: 3000 })
    await run(async () => {
      const task = createTask(() => patient.ping())
      await sleep(50)
      await second!.close()
      expect(await task).toBe('PONG')
    })
  })

  test('a server that says nothing: responseTimeout ends the wait', async () => {
    const client = clientFor(shared.server, { responseTimeout: 100 })
    await run(async () => {
      await client.ping()
      await client.client('PAUSE', 400)
      const error = await createTask(outcomeOf, createTask(() => client.incr('n')) as Task<unknown>)
      expect(error).toBeInstanceOf(ResponseTimeoutError)
      expect(error).toBeInstanceOf(RedisError)
      expect(error).toMatchObject({ code: 'POLVO_TIMEOUT', mayHaveRun: true })
      await sleep(400)
      expect(await client.ping()).toBe('PONG')
    })
  })

  test('a connection that died in silence is found by the health check before anything is lost on it', async () => {
    const port = shared.server.port
    const proxy = await faultProxy({ target: { port } })
    afterTest(() => proxy.close())
    const options = { port: proxy.port, healthCheckInterval: 50, connectTimeout: 100 }
    const client = clientFor(shared.server, options)
    await run(async () => {
      await client.ping()
      shared.server.cli('client', 'pause', '300')
      await sleep(60)
      expect(await client.incr('n')).toBe(1)
      expect(proxy.stats().connections).toBeGreaterThan(1)
    })
    expect(shared.server.cli('get', 'n')).toBe('1')
  })

  test('a pool with no place left: who blocks waits in line', async () => {
    const client = clientFor(shared.server, { maxConnections: 2 })
    await run(async () => {
      const tasks = [0, 1, 2].map((i) => createTask(() => client.blpop(`q${i}`, 0)))
      await until(() => shared.server.cli('info', 'clients').includes('blocked_clients:2'))
      expect(client.stats().connections).toBe(2)
      await client.rpush('q2', 'c')
      await client.rpush('q0', 'a')
      expect(await tasks[0]).toEqual(['q0', 'a'])
      expect(await tasks[2]).toEqual(['q2', 'c'])
      expect(client.stats().connections).toBe(2)
      tasks[1]!.cancel()
    })
  })

  test('a server that still loads is waited for', { timeout: 15_000 }, async () => {
    const loading = ['--key-load-delay', '200', '--loading-process-events-interval-bytes', '1024']
    const server = await serverFor(...loading, '--enable-debug-command', 'local')
    const client = clientFor(server)
    await run(async () => {
      await client.call('debug', 'populate', 3000)
      await client.save()
      await server.kill()
      await server.start()
      expect(server.cli('ping')).toContain('LOADING')
      expect(await client.dbsize()).toBe(3000)
    })
  })

  test('what may have been carried out is sent again where that is asked for', async () => {
    const client = clientFor(shared.server, { resend: 'all' })
    const careful = clientFor(shared.server, { resend: 'none' })
    await run(async () => {
      await gather(client.ping(), careful.ping())
      await client.client('PAUSE', 100)
      const writing = createTask(() => client.incr('n'))
      const reading = createTask(outcomeOf, createTask(() => careful.get('n')) as Task<unknown>)
      await sleep(20)
      shared.server.cli('client', 'kill', 'type', 'normal', 'skipme', 'yes')
      expect(await writing).toBeGreaterThan(0)
      expect(await reading).toBeInstanceOf(ConnectionError)
    })
  })
})
