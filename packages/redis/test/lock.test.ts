// Locks: who holds one, how it is kept, and what happens when it is lost.
import { createTask, gather, isCancelled, run, sleep, type Task, use } from 'polvo'
import { faultProxy } from 'polvo/testing'
import { expect, test } from 'vitest'
import { LockNotOwnedError, LockTimeoutError, RedisError, type RedisLock } from '../src/index.ts'
import { describeRedis, until } from './support/server.ts'
import { afterTest, bothSpellings, clientFor, errorOf, outcomeOf, sharedServer } from './support/world.ts'

describeRedis('locks', () => {
  const shared = sharedServer()
  const world = () => clientFor(shared.server)

  bothSpellings('a body runs with the lock held, which is given back behind it', ['true', 'done', '0'], {
    world,
    *generator(client, print) {
      const result = yield* use(client.lock('report', { ttl: 1000 }), function* (held) {
        print((yield* client.get('report')) === held.token && held.held)
        return 'done'
      })
      print(result)
      print(yield* client.exists('report'))
    },
    async async(client, print) {
      const result = await use(client.lock('report', { ttl: 1000 }), async (held) => {
        print((await client.get('report')) === held.token && held.held)
        return 'done'
      })
      print(result)
      print(await client.exists('report'))
    },
  })

  test('one at a time, among two clients', async () => {
    const clients = [world(), world()]
    await run(async () => {
      let inside = 0
      let most = 0
      const work = (i: number) =>
        use(clients[i % 2]!.lock('report', { ttl: 1000, retryDelay: 5 }), async () => {
          most = Math.max(most, ++inside)
          await sleep(2)
          inside--
        })
      await gather(...Array.from({ length: 10 }, (_, i) => work(i)))
      expect(most).toBe(1)
    })
  })

  test('it is renewed while the body runs', async () => {
    const client = world()
    await run(async () => {
      await use(client.lock('report', { ttl: 400 }), async (held) => {
        await sleep(1000)
        expect(held.held).toBe(true)
        expect(await client.get('report')).toBe(held.token)
      })
    })
  })

  test('waiting for others has an end', async () => {
    const client = world()
    await run(async () => {
      await use(client.lock('report', { ttl: 1000 }), async () => {
        const error = await createTask(
          outcomeOf,
          createTask(() =>
            use(client.lock('report', { ttl: 1000, wait: 60, retryDelay: 10 }), async () => {}),
          ) as Task<unknown>,
        )
        expect(error).toBeInstanceOf(LockTimeoutError)
        expect(error).toBeInstanceOf(RedisError)
        expect(String(error)).toContain('held by others for 60 ms')
      })
    })
  })

  test('when it is taken away the body is cancelled, and the error says that it was lost', async () => {
    const client = world()
    let ended: unknown = null
    const error = await errorOf(() =>
      use(client.lock('report', { ttl: 90 }), async (held) => {
        shared.server.cli('set', 'report', 'thief')
        try {
          await sleep(5000)
        } catch (cancellation) {
          ended = cancellation
          expect(held.held).toBe(false)
          throw cancellation
        }
      }),
    )
    expect(isCancelled(ended)).toBe(true)
    expect(error).toBeInstanceOf(LockNotOwnedError)
    expect(error.code).toBe('POLVO_REDIS_LOCK_NOT_OWNED')
    expect(shared.server.cli('get', 'report')).toBe('thief')
  })

  test('when the server cannot be reached it is lost by the clock, before another can have it', async () => {
    const proxy = await faultProxy({ target: { port: shared.server.port } })
    afterTest(() => proxy.close())
    const client = clientFor(shared.server, { port: proxy.port, reconnectWithin: 100 })
    const started = performance.now()
    const error = await errorOf(() =>
      use(client.lock('report', { ttl: 300 }), async () => {
        await proxy.close()
        await sleep(5000)
      }),
    )
    expect(performance.now() - started).toBeLessThan(2000)
    expect(error).toBeInstanceOf(RedisError)
  })

  test('extend holds it for longer, and says where it is lost', async () => {
    const client = world()
    const error = await errorOf(() =>
      use(client.lock('report', { ttl: 100, renew: false }), async (held) => {
        await held.extend(5000)
        expect(held.remaining).toBeGreaterThan(4000)
        await sleep(120)
        expect(held.held).toBe(true)
        shared.server.cli('del', 'report')
        await held.extend()
      }),
    )
    expect(error).toBeInstanceOf(LockNotOwnedError)
  })

  test('without renewing it is lost when its time is over', async () => {
    const client = world()
    const started = performance.now()
    const error = await errorOf(() =>
      use(client.lock('report', { ttl: 60, renew: false }), async () => sleep(5000)),
    )
    expect(error).toBeInstanceOf(LockNotOwnedError)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test("the body's own error comes out, and the lock is given back", async () => {
    const client = world()
    const error = await errorOf(() =>
      use(client.lock('report', { ttl: 1000 }), async () => {
        throw new Error('mine')
      }),
    )
    expect(error.message).toBe('mine')
    expect(shared.server.cli('exists', 'report')).toBe('0')
  })

  test('cancelled while it waits, holds or takes the lock: it is free afterwards', async () => {
    const client = world()
    await run(async () => {
      await client.ping()
      for (let passes = 0; passes < 12; passes++) {
        let held: RedisLock | null = null
        const task = createTask(() =>
          use(client.lock('report', { ttl: 10_000 }), async (lock) => {
            held = lock
            await sleep(5000)
          }),
        )
        for (let pass = 0; pass < passes; pass++) await sleep(0)
        task.cancel()
        await createTask(outcomeOf, task as Task<unknown>)
        await until(async () => (await client.exists('report')) === 0)
        expect(held === null || !(held as RedisLock).held).toBe(true)
      }
    })
  })

  test.each([
    [{ ttl: 0 }, 'ttl takes a whole number of milliseconds'],
    [{} as never, 'ttl takes a whole number of milliseconds'],
    [{ ttl: 10, wait: -1 }, 'wait takes 0 or more'],
  ])('bad options are refused: %j', (options, message) => {
    const client = world()
    expect(() => client.lock('report', options)).toThrow(message)
  })
})
