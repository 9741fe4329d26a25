// Every command of the driver, in both spellings, and what is refused.
import { createTask, gather, InvalidStateError, run, sleep } from 'polvo'
import { expect, test } from 'vitest'
import { createClient, ReplyError } from '../src/index.ts'
import { describeRedis } from './support/server.ts'
import { bothSpellings, clientFor, errorOf, sharedServer } from './support/world.ts'

describeRedis('commands', () => {
  const shared = sharedServer()

  bothSpellings('set and get', ['OK', 'hello', 'null', '2', '{"a":"1","b":"2"}'], {
    world: () => clientFor(shared.server),
    *generator(client, print) {
      print(yield* client.set('greeting', 'hello'))
      print(yield* client.get('greeting'))
      print(yield* client.get('nothing'))
      print(yield* client.hset('hash', { a: 1, b: 2 }))
      print(yield* client.hgetall('hash'))
    },
    async async(client, print) {
      print(await client.set('greeting', 'hello'))
      print(await client.get('greeting'))
      print(await client.get('nothing'))
      print(await client.hset('hash', { a: 1, b: 2 }))
      print(await client.hgetall('hash'))
    },
  })

  test('replies have the shapes of the driver: strings, bytes, numbers, lists, pairs, nested', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.mset({ a: '1', b: 'ü€' })
      expect(await client.mget('a', 'b', 'c')).toEqual(['1', 'ü€', null])
      expect(await client.getBuffer('b')).toEqual(Buffer.from('ü€'))
      expect(await client.incrbyfloat('a', '0.5')).toBe('1.5')
      expect(await client.rpush('list', 'x', 'y', Buffer.from([0xff]))).toBe(3)
      expect(await client.lrangeBuffer('list', 0, -1)).toEqual([
        Buffer.from('x'),
        Buffer.from('y'),
        Buffer.from([0xff]),
      ])
      await client.zadd('z', 1, 'one', 2, 'two')
      expect(await client.zrange('z', '0', '-1', 'WITHSCORES')).toEqual(['one', '1', 'two', '2'])
      const id = await client.xadd('stream', '*', 'k', 'v')
      expect(await client.xread('STREAMS', 'stream', '0')).toEqual([['stream', [[id, ['k', 'v']]]]])
      expect(await client.call('OBJECT', 'REFCOUNT', 'list')).toBe(1)
    })
  })

  test('all commands that were awaited in one pass go out in one piece', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.ping()
      const before = Number(/total_reads_processed:(\d+)/.exec(shared.server.cli('info', 'stats'))?.[1])
      await gather(...Array.from({ length: 100 }, (_, i) => client.set(`k${i}`, i)))
      const after = Number(/total_reads_processed:(\d+)/.exec(shared.server.cli('info', 'stats'))?.[1])
      expect(after - before).toBeLessThan(8)
    })
  })

  test('nothing is sent before the operation is awaited, and it can be awaited once', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      const operation = client.incr('n')
      await client.ping()
      expect(shared.server.cli('exists', 'n')).toBe('0')
      expect(await operation).toBe(1)
      await expect(Promise.resolve().then(() => operation)).rejects.toThrow(InvalidStateError)
    })
  })

  test("an error of the server names the command and the server's words, not the arguments", async () => {
    const client = clientFor(shared.server)
    const error = await errorOf(async () => {
      await client.set('word', 'secret')
      await client.lpush('word', 'secret')
    })
    expect(error).toBeInstanceOf(ReplyError)
    expect(error).toMatchObject({ code: 'POLVO_REDIS_REPLY', prefix: 'WRONGTYPE', command: 'lpush' })
    expect(error.message).toContain('lpush: the server answered')
    expect(error.message).not.toContain('secret')
  })

  test.each([
    [
      'undefined',
      (client: ReturnType<typeof createClient>) => client.set('a', undefined as never),
      'argument 2 is undefined',
    ],
    [
      'null',
      (client: ReturnType<typeof createClient>) => client.set('a', null as never),
      'argument 2 is null',
    ],
    [
      'a callback',
      (client: ReturnType<typeof createClient>) => client.get('a', () => {}),
      'Commands take no callback',
    ],
  ])('%s as an argument is refused', async (_, action, message) => {
    const client = clientFor(shared.server)
    const error = await errorOf(() => action(client))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain(message)
    expect(await run(() => client.ping())).toBe('PONG')
  })

  test('what would change the connection for all is refused, with what to use', () => {
    const client = clientFor(shared.server)
    expect('select' in client).toBe(false)
    expect(() => client.call('SELECT', '1')).toThrow('Give the client its db.')
    expect(() => client.call('multi')).toThrow('Use client.multi().')
  })

  test('a unix socket, a database, a key prefix, a name', async () => {
    const client = createClient(`unix://${shared.server.socket}?db=3`)
    const prefixed = clientFor(shared.server, { db: 3, keyPrefix: 'app:', clientName: 'me' })
    await run(async () => {
      await prefixed.set('a', 1)
      expect(await client.get('app:a')).toBe('1')
      expect(await prefixed.client('GETNAME')).toBe('me')
      await client.close()
    })
  })

  test('a client serves several runs', async () => {
    const client = clientFor(shared.server)
    await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        run(async () => {
          await client.set(`r${i}`, i)
          const task = createTask(() => client.get(`r${i}`))
          expect(await task).toBe(String(i))
        }),
      ),
    )
  })

  test('a closed client says so', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.ping()
      await client.close()
      await expect(Promise.resolve().then(() => client.ping())).rejects.toThrow('the client is closed')
      await client.close()
    })
    expect(String(client)).toBe(
      `<Client redis 127.0.0.1:${shared.server.port} closed pending=0 connections=0>`,
    )
  })

  test('close lets what is under way come to its end', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      const first = createTask(() => client.incr('n'))
      await sleep(0)
      const second = createTask(() => client.incr('n'))
      await sleep(0)
      await client.close()
      expect([first.result(), second.result()]).toEqual([1, 2])
    })
  })

  test.each([
    [{ port: -1 }, 'port takes 0 or more'],
    [{ url: 'http://localhost' }, 'redis://, rediss:// or unix://'],
    [{ url: 'redis://localhost/x' }, 'database has to be a number'],
    [{ resend: 'some' as never }, "resend takes 'reads', 'all' or 'none'"],
  ])('bad options are refused: %j', (options, message) => {
    expect(() => createClient(options)).toThrow(message)
  })

  test('a bad url is shown without its password', () => {
    expect(() => createClient('http://me:secret@localhost')).toThrow('//…@localhost')
  })
})
