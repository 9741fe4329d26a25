// Cancelling: what was not sent never is; what was sent keeps its place, and its reply reaches nobody else.
import { createTask, gather, isCancelled, run, sleep, type Task, TimeoutError, timeout, wait } from 'polvo'
import { faultProxy } from 'polvo/testing'
import { expect, test } from 'vitest'
import { seeded } from '../../core/test/support/random.ts'
import { ConnectionError } from '../src/index.ts'
import { ByteGate } from './support/byte-gate.ts'
import { describeRedis, until } from './support/server.ts'
import { afterTest, bothSpellings, clientFor, outcomeOf, sharedServer } from './support/world.ts'

describeRedis('cancelling', () => {
  const shared = sharedServer()

  bothSpellings('a command that was not sent yet: the server never hears of it', ['CancelledError', '0'], {
    world: async () => {
      const client = clientFor(shared.server)
      await run(() => client.ping())
      return client
    },
    *generator(client, print) {
      const task = createTask(() => client.incr('n'))
      yield* sleep(0)
      task.cancel()
      print(yield* outcomeOf(task as Task<unknown>))
      print(yield* client.exists('n'))
    },
    async async(client, print) {
      const task = createTask(() => client.incr('n'))
      await sleep(0)
      task.cancel()
      print(await createTask(outcomeOf, task as Task<unknown>))
      print(await client.exists('n'))
    },
  })

  test('a command that waits for a connection is dropped', async () => {
    const port = shared.server.port
    const proxy = await faultProxy({ target: { port }, faults: [{ kind: 'hang', probability: 1 }] })
    afterTest(() => proxy.close())
    const client = clientFor(shared.server, { port: proxy.port })
    await run(async () => {
      const task = createTask(() => client.incr('n'))
      await sleep(30)
      expect(client.stats().pending).toBe(1)
      task.cancel()
      expect(isCancelled(await createTask(outcomeOf, task as Task<unknown>))).toBe(true)
      expect(client.stats().pending).toBe(0)
    })
    expect(shared.server.cli('exists', 'n')).toBe('0')
  })

  test('a command that was sent keeps its place: it is carried out, and the next one gets its own reply', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.set('a', 'mine')
      const slow = createTask(() =>
        client.eval("for i = 1, 3000000 do end return redis.call('incr', 'n')", 0),
      )
      while (client.stats().pending === 0) await sleep(0)
      await new Promise(setImmediate)
      await new Promise(setImmediate)
      slow.cancel()
      expect(isCancelled(await createTask(outcomeOf, slow as Task<unknown>))).toBe(true)
      expect(await client.get('a')).toBe('mine')
      expect(await client.get('n')).toBe('1')
    })
  })

  test('a result that has arrived before the cancellation is not lost: the next await is cancelled', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.rpush('list', 'item')
      let popped: string | null = null
      const task: Task<void> = createTask(async () => {
        popped = await client.lpop('list')
        await sleep(1000)
      })
      // Its reply wakes the task for the next pass; the cancellation comes before it.
      while (shared.server.cli('exists', 'list') === '1') await sleep(0)
      for (const end = performance.now() + 20; performance.now() < end; );
      await new Promise((resolve) => setImmediate(() => resolve(task.cancel())))
      await createTask(outcomeOf, task as Task<unknown>)
      expect(task.cancelled()).toBe(true)
      expect(popped).toBe('item')
    })
  })

  test('a command that blocks ends its connection, and the server forgets it', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      const task = createTask(() => client.blpop('queue', 0))
      await until(() => shared.server.cli('info', 'clients').includes('blocked_clients:1'))
      task.cancel()
      expect(isCancelled(await createTask(outcomeOf, task as Task<unknown>))).toBe(true)
      await until(() => shared.server.cli('info', 'clients').includes('blocked_clients:0'))
      await client.rpush('queue', 'kept')
      expect(await client.llen('queue')).toBe(1)
      expect(client.stats().connections).toBe(0)
    })
  })

  test('a timeout around a command that is not answered', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.ping()
      const blocked = timeout(30, () => client.call('blpop', 'queue', 0))
      await expect(Promise.resolve().then(() => blocked)).rejects.toThrow(TimeoutError)
      expect(await client.ping()).toBe('PONG')
    })
  })

  test('of a pipeline and a transaction: all or nothing is sent', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      await client.ping()
      const early = createTask(() => client.pipeline((p) => [p.incr('n'), p.incr('n')]))
      await sleep(0)
      early.cancel()
      const late = createTask(() => client.multi((tx) => [tx.incr('n'), tx.incr('n')]))
      while (client.stats().pending === 0) await sleep(0)
      await new Promise(setImmediate)
      late.cancel()
      await createTask(outcomeOf, early as Task<unknown>)
      await createTask(outcomeOf, late as Task<unknown>)
      expect(await client.get('n')).toBe('2')
    })
  })

  test('without leaving tasks, sockets or timers', async () => {
    const before = process.getActiveResourcesInfo().sort()
    const client = clientFor(shared.server)
    await run(async () => {
      const tasks = Array.from({ length: 50 }, (_, i) =>
        createTask(
          () => (i % 2 === 0 ? client.blpop(`q${i}`, 0) : client.get(`k${i}`)) as PromiseLike<unknown>,
        ),
      )
      await sleep(20)
      for (const task of tasks) task.cancel()
      await client.close()
    })
    await until(
      () => process.getActiveResourcesInfo().length <= before.length,
      () => `there are ${process.getActiveResourcesInfo()} and there were ${before}`,
    )
    await until(() => shared.server.clients() === 0)
  })
})

// The classic failure: cancelled between sending and reply, and the next caller reads the wrong reply. The proxy is so slow that the
// cancellations fall on every byte of commands and replies.
describeRedis.each([1, 2, 3])(
  '10,000 commands through a slow proxy, a third of them cancelled (seed %i)',
  (seed) => {
    const shared = sharedServer()

    test('every reply belongs to its caller', { timeout: 30_000 }, async () => {
      const chance = seeded(seed)
      const { port } = shared.server
      const faults = [{ kind: 'throttle', bytesPerSecond: 400_000, probability: 1 }] as const
      const proxy = await faultProxy({ target: { port }, seed, faults })
      afterTest(() => proxy.close())
      const client = clientFor(shared.server, { port: proxy.port })
      const seen = { own: 0, foreign: 0, cancelled: 0 }

      async function ask(worker: number, i: number): Promise<void> {
        const id = `${seed}-${worker}-${i}`
        const reply = await client.echo(id)
        seen[reply === id ? 'own' : 'foreign']++
      }

      async function work(worker: number): Promise<void> {
        for (let i = 0; i < 200; i++) {
          const task = createTask(ask, worker, i)
          if (chance() < 1 / 3) {
            await sleep(chance() * 8)
            task.cancel()
          }
          const error = await createTask(outcomeOf, task as Task<unknown>)
          // One that has its reply when it is cancelled takes it, and is cancelled behind it.
          if (isCancelled(error)) seen.cancelled++
          else if (error !== undefined) throw error
        }
      }

      await run(() => gather(...Array.from({ length: 50 }, (_, worker) => createTask(work, worker))))
      expect(seen.foreign).toBe(0)
      expect(seen.own + seen.cancelled).toBeGreaterThanOrEqual(10_000)
      expect(seen.cancelled).toBeGreaterThan(1000)
      expect(seen.own).toBeGreaterThan(5000)
      await until(() => client.stats().pending === 0)
    })
  },
)

// Ten thousand commands, every other one cancelled when exactly so many bytes of it, or of its reply, have passed.
describeRedis('cancelled at every byte', () => {
  const shared = sharedServer()

  test('the next command on the same connection gets its own reply', { timeout: 60_000 }, async () => {
    const gate = new ByteGate(shared.server.port)
    const client = clientFor(shared.server, { port: await gate.listen() })
    afterTest(() => gate.close())
    const text = 'first-00000'
    const [question, answer] = [`*2\r\n$4\r\necho\r\n$11\r\n${text}\r\n`, `$11\r\n${text}\r\n`]
    const stops = [
      ...Array.from({ length: question.length }, (_, bytes) => ({ lane: gate.asked, bytes })),
      ...Array.from({ length: answer.length }, (_, bytes) => ({ lane: gate.answered, bytes })),
    ]
    const outcomes = { own: 0, foreign: 0, cancelled: 0 }
    await run(async () => {
      await client.ping()
      for (let i = 0; i < 5000; i++) {
        const { lane, bytes } = stops[i % stops.length]!
        const isStopped = lane.stopAfter(bytes)
        const first = createTask(() => client.echo(`first-${String(i).padStart(5, '0')}`))
        await isStopped
        first.cancel()
        const second = createTask(() => client.echo(`second-${i}`))
        await wait([first])
        if (first.cancelled()) outcomes.cancelled++
        await sleep(0)
        lane.goOn()
        if ((await second) === `second-${i}`) outcomes.own++
        else outcomes.foreign++
      }
    })
    expect(outcomes).toEqual({ own: 5000, foreign: 0, cancelled: 5000 })
    expect(gate.connections).toBe(1)
  })

  test('ConnectionError is not what a cancellation becomes', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      const task = createTask(() => client.blpop('queue', 0))
      await sleep(20)
      task.cancel()
      expect(await createTask(outcomeOf, task as Task<unknown>)).not.toBeInstanceOf(ConnectionError)
    })
  })
})
