// Streams: reading as they come, and jobs shared among the consumers of a group.
import { createTask, type ExceptionGroup, forEach, gather, run, sleep, type Task } from 'polvo'
import { expect, test } from 'vitest'
import type { Client } from '../src/index.ts'
import { describeRedis, startServer, until } from './support/server.ts'
import { afterTest, bothSpellings, clientFor, outcomeOf, sharedServer } from './support/world.ts'

async function add(client: Client, ...numbers: readonly number[]): Promise<void> {
  await client.pipeline((p) => numbers.map((n) => p.xadd('jobs', '*', 'n', n)))
}

describeRedis('streams', () => {
  const shared = sharedServer()
  const world = () => clientFor(shared.server)

  bothSpellings('reading from the beginning, and what comes later', ['jobs 1', 'jobs 2', 'jobs 3'], {
    world,
    *generator(client, print) {
      yield* client.xadd('jobs', '*', 'n', 1)
      yield* client.xadd('jobs', '*', 'n', 2)
      const reader = client.readStream('jobs', { from: '0' })
      for (let i = 0; i < 2; i++) {
        const { value } = yield* reader.next()
        print(value.stream, value.fields.n)
      }
      const later = createTask(() => reader.next())
      yield* sleep(20)
      yield* client.xadd('jobs', '*', 'n', 3)
      print('jobs', (yield* later).value.fields.n)
    },
    async async(client, print) {
      await client.xadd('jobs', '*', 'n', 1)
      await client.xadd('jobs', '*', 'n', 2)
      createTask(async () => {
        await sleep(20)
        await client.xadd('jobs', '*', 'n', 3)
      })
      let count = 0
      for await (const { stream, fields } of client.readStream('jobs', { from: '0' })) {
        print(stream, fields.n)
        if (++count === 3) break
      }
    },
  })

  test('from now on: nothing that is added between two reads is missed', async () => {
    const client = world()
    await run(async () => {
      await add(client, 1)
      const reader = client.readStream(['jobs', 'other'], { count: 2 })
      const first = createTask(() => reader.next())
      await sleep(20)
      await add(client, 2, 3, 4)
      const seen = [(await first).value.fields.n]
      await add(client, 5)
      for (let i = 0; i < 3; i++) seen.push((await reader.next()).value.fields.n)
      expect(seen).toEqual(['2', '3', '4', '5'])
    })
  })

  test('a reader goes on after a server that was restarted', async () => {
    const server = await startServer('--appendonly', 'yes', '--appendfsync', 'always')
    afterTest(() => server.stop())
    const client = clientFor(server)
    await run(async () => {
      await add(client, 1)
      const reader = client.readStream('jobs', { from: '0' })
      expect((await reader.next()).value.fields.n).toBe('1')
      const next = createTask(() => reader.next())
      await sleep(20)
      await server.kill()
      await server.start()
      await add(client, 2)
      expect((await next).value.fields.n).toBe('2')
    })
  })
})

describeRedis('consumer groups', () => {
  const shared = sharedServer()
  const world = () => clientFor(shared.server)

  async function pending(client: Client): Promise<number> {
    const [count] = (await client.xpending('jobs', 'workers')) as [number]
    return count
  }

  bothSpellings('entries are acknowledged when their handlers end well', ['1', '2', '3', 'pending 0'], {
    world,
    *generator(client, print) {
      yield* client.pipeline((p) => [1, 2, 3].map((n) => p.xadd('jobs', '*', 'n', n)))
      const group = client.consumerGroup('jobs', 'workers', 'ida')
      yield* group.process(function* ({ fields }) {
        print(fields.n)
        yield* sleep(0)
        if (fields.n === '3') group.stop()
      })
      print('pending', ((yield* client.xpending('jobs', 'workers')) as [number])[0])
    },
    async async(client, print) {
      await client.pipeline((p) => [1, 2, 3].map((n) => p.xadd('jobs', '*', 'n', n)))
      const group = client.consumerGroup('jobs', 'workers', 'ida')
      await group.process(async ({ fields }) => {
        print(fields.n)
        await sleep(0)
        if (fields.n === '3') group.stop()
      })
      print('pending', ((await client.xpending('jobs', 'workers')) as [number])[0])
    },
  })

  test('iterating acknowledges an entry when the next one is asked for, and not the one it was left with', async () => {
    const client = world()
    await run(async () => {
      await add(client, 1, 2, 3)
      for await (const { fields } of client.consumerGroup('jobs', 'workers', 'ida', { count: 1 })) {
        if (fields.n === '3') break
      }
      expect(await pending(client)).toBe(1)
      const again = client.consumerGroup('jobs', 'workers', 'ida')
      const { value } = await again.next()
      expect(value?.fields.n).toBe('3')
      expect(await again.ack(value!)).toBe(1)
      expect(await pending(client)).toBe(0)
    })
  })

  test('several consumers share the entries, each of which is done once', async () => {
    const client = world()
    await run(async () => {
      const done: string[] = []
      const groups = ['a', 'b', 'c'].map((name) =>
        client.consumerGroup('jobs', 'workers', name, { count: 2 }),
      )
      const working = groups.map((group) =>
        createTask(() =>
          group.process(
            async ({ fields }) => {
              await sleep(1)
              done.push(fields.n!)
              if (done.length === 60) for (const each of groups) each.stop()
            },
            { concurrency: 4 },
          ),
        ),
      )
      await add(client, ...Array.from({ length: 60 }, (_, i) => i))
      await gather(...working)
      expect(done.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i))
      expect(await pending(client)).toBe(0)
    })
  })

  test('what a consumer was given before it crashed is its own again, under the same name', async () => {
    const client = world()
    await run(async () => {
      await add(client, 1, 2, 3)
      const crashed = client.consumerGroup('jobs', 'workers', 'ida')
      const task = createTask(() => crashed.process(async () => sleep(10_000), { concurrency: 2 }))
      await until(async () => (await pending(client).catch(() => 0)) === 3)
      task.cancel()
      await createTask(outcomeOf, task as Task<unknown>)
      const seen: string[] = []
      const group = client.consumerGroup('jobs', 'workers', 'ida')
      await group.process(async ({ fields }) => {
        seen.push(fields.n!)
        if (seen.length === 3) group.stop()
      })
      expect(seen).toEqual(['1', '2', '3'])
      expect(await pending(client)).toBe(0)
    })
  })

  test('what another was given and left alone is taken over', async () => {
    const client = world()
    await run(async () => {
      await add(client, 1, 2)
      const crashed = client.consumerGroup('jobs', 'workers', 'ida')
      await crashed.next()
      const seen: string[] = []
      const group = client.consumerGroup('jobs', 'workers', 'bob', { claimAfter: 100 })
      await group.process(async ({ fields }) => {
        seen.push(fields.n!)
        if (seen.length === 2) group.stop()
      })
      expect(seen).toEqual(['1', '2'])
    })
  })

  test('an entry at work is not taken over, however long it takes', async () => {
    const client = world()
    await run(async () => {
      await add(client, 1)
      const seen: string[] = []
      const options = { claimAfter: 300 }
      const groups = ['ida', 'bob'].map((name) => client.consumerGroup('jobs', 'workers', name, options))
      const working = groups.map((group) =>
        createTask(() =>
          group.process(async ({ fields }) => {
            seen.push(fields.n!)
            await sleep(900)
          }),
        ),
      )
      await sleep(950)
      for (const group of groups) group.stop()
      await gather(...working)
      expect(seen).toEqual(['1'])
      expect(await pending(client)).toBe(0)
    })
  })

  test('nor is one that waits behind it', { timeout: 10_000 }, async () => {
    const client = world()
    await run(async () => {
      await add(client, 1, 2)
      const first = client.consumerGroup('jobs', 'workers', 'ida', { claimAfter: 300 })
      const seen: string[] = []
      const working = createTask(() =>
        first.process(async ({ fields }) => {
          seen.push(fields.n!)
          if (fields.n === '2') first.stop()
          await sleep(900)
        }),
      )
      await until(() => seen.length === 1)
      const second = client.consumerGroup('jobs', 'workers', 'bob', { claimAfter: 300 })
      const other = createTask(() =>
        second.process(async ({ fields }) => void seen.push(`again ${fields.n}`)),
      )
      await working
      second.stop()
      await other
      expect(seen).toEqual(['1', '2'])
    })
  })

  test('an entry whose handler fails comes again', async () => {
    const client = world()
    await run(async () => {
      await add(client, 1)
      const group = client.consumerGroup('jobs', 'workers', 'ida', { claimAfter: 50 })
      const errors: string[] = []
      let tries = 0
      await group.process(
        async () => {
          if (++tries < 3) throw new Error(`try ${tries}`)
          group.stop()
        },
        { onError: (entry, error) => errors.push(`${entry.fields.n}: ${(error as Error).message}`) },
      )
      expect(errors).toEqual(['1: try 1', '1: try 2'])
      expect(await pending(client)).toBe(0)
    })
  })

  test('without onError the failure of a handler ends the processing, and cancels the others', async () => {
    const client = world()
    await run(async () => {
      await add(client, 1, 2)
      const group = client.consumerGroup('jobs', 'workers', 'ida')
      let cleaned = false
      const work = async ({ fields }: { fields: Readonly<Record<string, string>> }) => {
        try {
          await sleep(fields.n === '1' ? 10_000 : 10)
        } finally {
          if (fields.n === '1') cleaned = true
        }
        throw new Error('broken')
      }
      const error = await createTask(
        outcomeOf,
        createTask(() => group.process(work, { concurrency: 2 })) as Task<unknown>,
      )
      expect((error as ExceptionGroup).errors.map(String)).toEqual(['Error: broken'])
      expect(cleaned).toBe(true)
    })
  })

  test('a group goes on after a server that was restarted, and loses no job', async () => {
    const server = await startServer('--appendonly', 'yes', '--appendfsync', 'always')
    afterTest(() => server.stop())
    const client = clientFor(server)
    await run(async () => {
      const done = new Set<string>()
      const group = client.consumerGroup('jobs', 'workers', 'ida')
      const working = createTask(() =>
        group.process(
          async ({ fields }) => {
            await sleep(5)
            done.add(fields.n!)
          },
          { concurrency: 3, onError: () => {} },
        ),
      )
      await add(client, 1, 2, 3)
      await until(() => done.size === 3)
      await server.kill()
      await server.start()
      await add(client, 4, 5)
      await until(() => done.size === 5)
      group.stop()
      await working
    })
  })

  test('stop ends a wait for entries, and lets the handlers end', async () => {
    const client = world()
    await run(async () => {
      let ended = 0
      const group = client.consumerGroup('jobs', 'workers', 'ida')
      const working = createTask(() =>
        forEach(['x'], () =>
          group.process(async () => {
            await sleep(60)
            ended++
          }),
        ),
      )
      await add(client, 1)
      await sleep(20)
      group.stop()
      await working
      expect(ended).toBe(1)
      expect(await group.next()).toEqual({ done: true, value: undefined })
      await until(() => shared.server.cli('info', 'clients').includes('blocked_clients:0'))
    })
  })
})
