// Messages: receiving, patterns, what a slow reader misses, and connections that are lost.
import {
  createTask,
  forEach,
  gather,
  QueueEmpty,
  run,
  sleep,
  type Task,
  TimeoutError,
  timeout,
  use,
} from 'polvo'
import { faultProxy } from 'polvo/testing'
import { expect, test } from 'vitest'
import { AuthenticationError, ConnectionError } from '../src/index.ts'
import { describeRedis, freePort, RedisServer, startServer, until } from './support/server.ts'
import { afterTest, bothSpellings, clientFor, errorOf, outcomeOf, sharedServer } from './support/world.ts'

describeRedis('subscriptions', () => {
  const shared = sharedServer()
  const world = () => clientFor(shared.server)

  bothSpellings('messages of several channels, as they come', ['a 1', 'b 2', 'a 3', 'over'], {
    world,
    *generator(client, print) {
      const messages = yield* client.subscribe(['a', 'b'])
      for (const [channel, text] of ['a1', 'b2', 'a3']) yield* client.publish(channel!, text!)
      let count = 0
      yield* forEach(messages, function* ({ channel, message }) {
        print(channel, message)
        if (++count === 3) messages.close()
      })
      print('over')
    },
    async async(client, print) {
      using messages = await client.subscribe(['a', 'b'])
      for (const [channel, text] of ['a1', 'b2', 'a3']) await client.publish(channel!, text!)
      let count = 0
      for await (const { channel, message } of messages) {
        print(channel, message)
        if (++count === 3) messages.close()
      }
      print('over')
    },
  })

  test('a subscription is a resource: it ends with the body', async () => {
    const client = world()
    await run(async () => {
      const text = await use(client.subscribe('news'), async (news) => {
        await client.publish('news', 'x')
        return (await news.receive()).message
      })
      expect(text).toBe('x')
      await until(() => shared.server.clients() === 1)
    })
  })

  test('patterns say which one matched; bytes where they are wanted', async () => {
    const client = world()
    await run(async () => {
      using news = await client.psubscribe('news.*', { buffers: true })
      await client.publish('news.sport', Buffer.from([0, 255]))
      expect(await news.receive()).toEqual({
        channel: 'news.sport',
        pattern: 'news.*',
        message: Buffer.from([0, 255]),
      })
    })
  })

  test('each subscription has its own messages, and one connection does for all', async () => {
    const client = world()
    await run(async () => {
      const all = await gather(client.subscribe('a'), client.subscribe(['a', 'b']), client.psubscribe('*'))
      await client.publish('a', '1')
      await client.publish('b', '2')
      expect((await all[0].receive()).message).toBe('1')
      expect(() => all[0].receiveNowait()).toThrow(QueueEmpty)
      expect([(await all[1].receive()).message, (await all[1].receive()).message]).toEqual(['1', '2'])
      expect([(await all[2].receive()).message, (await all[2].receive()).message]).toEqual(['1', '2'])
      expect(shared.server.clients()).toBe(2)
      all[0].close()
      await client.publish('a', '3')
      expect((await all[1].receive()).message).toBe('3')
      for (const subscription of all) subscription.close()
      await until(() => shared.server.clients() === 1)
    })
  })

  test('a receive that is cancelled takes no message', async () => {
    const client = world()
    await run(async () => {
      using news = await client.subscribe('news')
      await expect(Promise.resolve().then(() => timeout(20, () => news.receive()))).rejects.toThrow(
        TimeoutError,
      )
      await client.publish('news', 'kept')
      expect((await news.receive()).message).toBe('kept')
    })
  })

  test('a subscription is made again when its connection is lost', async () => {
    const server = await startServer()
    afterTest(() => server.stop())
    const client = clientFor(server)
    await run(async () => {
      using news = await client.subscribe('news')
      using all = await client.psubscribe('n*')
      await server.kill()
      await sleep(100)
      await server.start()
      await until(() => news.reconnects === 1 && all.reconnects === 1)
      await client.publish('news', 'back')
      expect((await news.receive()).message).toBe('back')
      expect((await all.receive()).message).toBe('back')
    })
  })

  test('a connection that died in silence is found and made again', async () => {
    const proxy = await faultProxy({ target: { port: shared.server.port } })
    afterTest(() => proxy.close())
    const options = { port: proxy.port, healthCheckInterval: 40, connectTimeout: 60 }
    const client = clientFor(shared.server, options)
    await run(async () => {
      using news = await client.subscribe('news')
      shared.server.cli('client', 'pause', '150')
      await until(() => news.reconnects > 0)
      await client.publish('news', 'back')
      expect((await news.receive()).message).toBe('back')
    })
  })

  test('a slow reader misses what comes when its place is full, and can tell', async () => {
    const client = world()
    await run(async () => {
      using news = await client.subscribe('news', { capacity: 2 })
      for (const text of ['1', '2', '3', '4']) await client.publish('news', text)
      await until(() => news.missed === 2)
      expect([(await news.receive()).message, (await news.receive()).message]).toEqual(['1', '2'])
    })
  })

  test('closing the client ends the iteration', async () => {
    const client = world()
    await run(async () => {
      const news = await client.subscribe('news')
      const reading = createTask(async () => {
        let count = 0
        for await (const _ of news) count++
        return count
      })
      await client.publish('news', 'x')
      await sleep(10)
      await client.close()
      expect(await reading).toBe(1)
      await expect(Promise.resolve().then(() => client.subscribe('news'))).rejects.toThrow(
        'the client is closed',
      )
    })
    await until(() => shared.server.clients() === 0)
  })

  test('cancelled before it was confirmed leaves nothing behind', async () => {
    const proxy = await faultProxy({
      target: { port: shared.server.port },
      faults: [{ kind: 'hang', probability: 1 }],
    })
    afterTest(() => proxy.close())
    const client = clientFor(shared.server, { port: proxy.port })
    await run(async () => {
      const task = createTask(() => client.subscribe('news'))
      await until(() => proxy.stats().openConnections === 1)
      task.cancel()
      await createTask(outcomeOf, task as Task<unknown>)
      await until(() => proxy.stats().openConnections === 0)
    })
  })

  test('no server, or a password that is refused: subscribe says so', async () => {
    const port = await freePort()
    const nobody = clientFor(new RedisServer(port), { reconnectWithin: 100 })
    expect(await errorOf(() => nobody.subscribe('news'))).toBeInstanceOf(ConnectionError)
    const server = await startServer('--requirepass', 'right')
    afterTest(() => server.stop())
    expect(await errorOf(() => clientFor(server).subscribe('news'))).toBeInstanceOf(AuthenticationError)
  })
})
