// Pipelines, transactions, watched keys, scripts, sessions.
import { createTask, gather, run, sleep, type Task, use } from 'polvo'
import { expect, expectTypeOf, test } from 'vitest'
import { ConnectionError, ExecAbortError, ReplyError, Script, WatchError } from '../src/index.ts'
import { describeRedis } from './support/server.ts'
import { bothSpellings, clientFor, errorOf, outcomeOf, sharedServer } from './support/world.ts'

describeRedis('several commands at once', () => {
  const shared = sharedServer()
  const world = () => clientFor(shared.server)

  bothSpellings('a pipeline gives the results of the commands it returns', ['["OK","1"]', '["1",2]', '[]'], {
    world,
    *generator(client, print) {
      print(yield* client.pipeline((p) => [p.set('a', 1), p.get('a')]))
      print(
        yield* client.pipeline((p) => {
          p.set('b', 1)
          return [p.get('a'), p.incr('b')]
        }),
      )
      print(yield* client.pipeline(() => []))
    },
    async async(client, print) {
      print(await client.pipeline((p) => [p.set('a', 1), p.get('a')]))
      print(
        await client.pipeline((p) => {
          p.set('b', 1)
          return [p.get('a'), p.incr('b')]
        }),
      )
      print(await client.pipeline(() => []))
    },
  })

  test('results have the types of their commands', async () => {
    const client = world()
    await run(async () => {
      const [set, got] = await client.pipeline((p) => [p.set('a', 1), p.getBuffer('a')])
      expectTypeOf(set).toEqualTypeOf<'OK'>()
      expectTypeOf(got).toEqualTypeOf<Buffer | null>()
      expect(got).toEqual(Buffer.from('1'))
      const all = await client.multi((tx) => ['a', 'b'].map((key) => tx.get(key)))
      expectTypeOf(all).toEqualTypeOf<(string | null)[]>()
      expect(all).toEqual(['1', null])
    })
  })

  test('a transaction gives replies in the shapes of their commands', async () => {
    const client = world()
    await run(async () => {
      const results = await client.multi((tx) => [
        tx.hset('h', { a: 1 }),
        tx.hgetall('h'),
        tx.hgetallBuffer('h'),
        tx.get('nothing'),
      ])
      expect(results).toEqual([1, { a: '1' }, { a: Buffer.from('1') }, null])
    })
  })

  test('a transaction is not mixed with commands of others', async () => {
    const client = world()
    await run(async () => {
      const results = await gather(
        ...Array.from({ length: 50 }, () => client.multi((tx) => [tx.incr('n'), tx.incr('n'), tx.incr('n')])),
        ...Array.from({ length: 50 }, () => client.incr('n')),
      )
      for (const result of results.slice(0, 50) as number[][]) {
        expect(result).toEqual([result[0], result[0]! + 1, result[0]! + 2])
      }
    })
  })

  test('the first error is thrown when all commands are through', async () => {
    const client = world()
    const error = await errorOf(() =>
      client.pipeline((p) => [p.set('a', 'x'), p.incr('a'), p.set('b', 'y'), p.lpush('a', 1)]),
    )
    expect(error).toBeInstanceOf(ReplyError)
    expect(error.command).toBe('incr')
    expect(shared.server.cli('get', 'b')).toBe('y')
  })

  test('with raiseOnError: false errors stand in the place of results', async () => {
    const client = world()
    for (const kind of ['pipeline', 'multi'] as const) {
      const results = await run(() =>
        client[kind]((p) => [p.set('a', 'x'), p.incr('a'), p.get('a')], { raiseOnError: false }),
      )
      expect(results).toEqual(['OK', expect.any(ReplyError), 'x'])
    }
  })

  test('a command that cannot be queued: nothing of the transaction is carried out', async () => {
    const client = world()
    const error = await errorOf(() => client.multi((tx) => [tx.set('a', 1), tx.call('get') as never]))
    expect(error).toBeInstanceOf(ExecAbortError)
    expect(error.message).toContain('wrong number of arguments')
    expect(shared.server.cli('exists', 'a')).toBe('0')
  })

  test('what the body returns has to be its commands', () => {
    const client = world()
    expect(() => client.pipeline((() => 5) as never)).toThrow('returns an array of its commands')
    expect(() => client.pipeline(5 as never)).toThrow('takes a function that is given the batch')
  })

  test('an argument that cannot be sent: nothing is', async () => {
    const client = world()
    const error = await errorOf(() => client.multi((tx) => [tx.set('a', 1), tx.set('b', undefined as never)]))
    expect(error).toBeInstanceOf(TypeError)
    expect(shared.server.cli('exists', 'a')).toBe('0')
  })

  bothSpellings('watch runs its body again when others changed the keys', ['2 runs', '11', 'pooled 1'], {
    world,
    *generator(client, print) {
      yield* client.set('n', 1)
      let runs = 0
      const n = yield* client.watch('n', function* (session) {
        runs++
        const before = Number(yield* session.get('n'))
        if (runs === 1) yield* client.set('n', 10)
        const [after] = yield* session.multi(
          (tx) => [tx.set('n', before + 1), tx.get('n')].slice(1) as never[],
        )
        return after as unknown as string
      })
      print(runs, 'runs')
      print(n)
      print('pooled', client.stats().idle)
    },
    async async(client, print) {
      await client.set('n', 1)
      let runs = 0
      const n = await client.watch('n', async (session) => {
        runs++
        const before = Number(await session.get('n'))
        if (runs === 1) await client.set('n', 10)
        const [, after] = await session.multi((tx) => [tx.set('n', before + 1), tx.get('n')])
        return after
      })
      print(runs, 'runs')
      print(n)
      print('pooled', client.stats().idle)
    },
  })

  test('20 tasks that count up with watch lose nothing', async () => {
    const client = world()
    await run(async () => {
      const countUp = () =>
        client.watch(
          ['n'],
          async (session) => {
            const n = Number(await session.get('n'))
            await session.multi((tx) => [tx.set('n', n + 1)])
          },
          { attempts: 1000 },
        )
      await gather(...Array.from({ length: 20 }, countUp))
      expect(await client.get('n')).toBe('20')
    })
  })

  test('watch gives up after so many attempts', async () => {
    const client = world()
    let runs = 0
    const error = await errorOf(() =>
      client.watch(
        'n',
        async (session) => {
          runs++
          await client.incr('n')
          await session.multi((tx) => [tx.get('n')])
        },
        { attempts: 3 },
      ),
    )
    expect(error).toBeInstanceOf(WatchError)
    expect(error.code).toBe('POLVO_REDIS_WATCH')
    expect(runs).toBe(3)
  })

  test('a body of watch that writes nothing, fails or is cancelled leaves no watched connection behind', async () => {
    const client = world()
    await run(async () => {
      expect(await client.watch('n', async (session) => session.get('n'))).toBe(null)
      await createTask(
        outcomeOf,
        createTask(() => client.watch('n', async () => Promise.reject(new Error('x')))) as Task<unknown>,
      )
      const task = createTask(() => client.watch('n', async () => sleep(10_000)))
      await sleep(20)
      task.cancel()
      await createTask(outcomeOf, task as Task<unknown>)
      await client.set('n', 5)
      const results = await gather(
        ...Array.from({ length: 3 }, () => use(client.session(), (s) => s.multi((tx) => [tx.get('n')]))),
      )
      expect(results).toEqual([['5'], ['5'], ['5']])
    })
  })

  test('a transaction that was made and not awaited leaves no watched connection behind', async () => {
    const client = world()
    await run(async () => {
      await client.watch('n', async (session) => {
        ;(session.multi((tx) => [tx.get('n')]) as unknown as { close(): void }).close()
      })
      await client.set('n', 5)
      expect(await use(client.session(), (session) => session.multi((tx) => [tx.get('n')]))).toEqual(['5'])
      expect(client.stats()).toMatchObject({ connections: 1, idle: 1 })
    })
  })

  test('a watch whose connection is lost fails, and does not write', async () => {
    const client = world()
    const error = await errorOf(() =>
      client.watch('n', async (session) => {
        await session.get('n')
        shared.server.cli('client', 'kill', 'type', 'normal', 'skipme', 'yes')
        await sleep(20)
        await session.multi((tx) => [tx.set('n', 1)])
      }),
    )
    expect(error).toBeInstanceOf(ConnectionError)
    expect(shared.server.cli('exists', 'n')).toBe('0')
  })

  test('a session has a connection of its own', async () => {
    const client = clientFor(shared.server)
    await run(async () => {
      const shareds = await client.client('ID')
      const [first, second] = await gather(
        use(client.session(), async (s) => [await s.client('ID'), await s.client('ID')]),
        use(client.session(), async (s) => [await s.client('ID'), await s.client('ID')]),
      )
      expect(first![0]).toBe(first![1])
      expect(new Set([shareds, first![0], second![0]]).size).toBe(3)
      expect(client.stats()).toMatchObject({ connections: 2, idle: 2 })
    })
  })

  test('a script is sent once, and again when the server has forgotten it', async () => {
    const client = world()
    const add = new Script<number>("return redis.call('incrby', KEYS[1], ARGV[1])")
    await run(async () => {
      shared.server.cli('script', 'flush')
      expect(await client.runScript(add, ['n'], [2])).toBe(2)
      expect(shared.server.cli('script', 'exists', add.sha)).toContain('1')
      expect(await client.runScript(add, ['n'], [3])).toBe(5)
      shared.server.cli('script', 'flush')
      expect(await client.runScript(add, ['n'], [1])).toBe(6)
      const [n] = await client.multi((tx) => [tx.runScript(add, ['n'], [1])])
      expectTypeOf(n).toEqualTypeOf<number>()
      expect(n).toBe(7)
    })
  })

  test('an error inside a script is the command it came from', async () => {
    const client = world()
    const error = await errorOf(() => client.runScript(new Script("return redis.call('nothing')"), []))
    expect(error).toBeInstanceOf(ReplyError)
  })
})
