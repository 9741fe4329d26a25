// How connections are lent: in which order, how many, for how long, and what is refused.
import { createTask, run, sleep, taskGroup, use } from 'polvo'
import { expect, test } from 'vitest'
import { createPool, NestedAcquireError, PoolTimeoutError, PostgresConnectionError } from '../src/index.ts'
import { bothSpellings, describePostgres, until } from './support/servers.ts'

test('a pool refuses options that cannot be', () => {
  expect(() => createPool({ max: 0 })).toThrow(/max takes 1 or more/)
  expect(() => createPool({ max: 1.5 })).toThrow(/whole number/)
  expect(() => createPool({ min: 3, max: 2 })).toThrow(/min is 3 and max is 2/)
  expect(() => createPool({ idleTimeout: '5' as never })).toThrow(/idleTimeout takes a number/)
  expect(() => createPool('not a url')).toThrow(/The dsn is no URL/)
  expect(() => createPool(7 as never)).toThrow(/takes a URL/)
  expect(() => createPool({ onConnect: 1 as never })).toThrow(/onConnect takes a function/)
})

describePostgres('a pool', (world) => {
  bothSpellings('lends a connection and takes it back, however the body ends', {
    *generator() {
      const pool = world.pool({ max: 2 })
      try {
        yield* use(pool.acquire(), function* () {
          expect([pool.size, pool.free]).toEqual([1, 0])
          throw new Error('mine')
        })
      } catch (error) {
        expect(String(error)).toBe('Error: mine')
      }
      expect([pool.size, pool.free]).toEqual([1, 1])
    },
    async async() {
      const pool = world.pool({ max: 2 })
      {
        await using connection = await pool.acquire()
        expect((await connection.query('select 1 as a')).rows).toEqual([{ a: 1 }])
        expect([pool.size, pool.free]).toEqual([1, 0])
      }
      expect([pool.size, pool.free]).toEqual([1, 1])
    },
  })

  test('serves first who came first, and makes no more connections than max', async () => {
    await run(async () => {
      const pool = world.pool({ max: 2 })
      const served: number[] = []
      await taskGroup(async (group) => {
        for (let i = 0; i < 20; i++) {
          group.createTask(async () => {
            await pool.query('select pg_sleep(0.001)')
            served.push(i)
          })
        }
      })
      expect(served.map((n, at) => Math.abs(n - at)).every((off) => off <= 1)).toBe(true)
      await until(() => pool.free === 2)
      expect(String(pool)).toMatch(/^<Pool 127\.0\.0\.1:\d+ open size=2 free=2 waiting=0>$/)
    })
  })

  test('makes min connections in connect(), and keeps them', async () => {
    await run(async () => {
      const pool = world.pool({ min: 3, max: 5, idleTimeout: 30 })
      await pool.connect()
      expect([pool.size, pool.free]).toEqual([3, 3])
      await Promise.all([1, 2, 3, 4, 5].map(() => pool.query('select pg_sleep(0.02)')))
      expect(pool.size).toBe(5)
      await until(() => pool.size === 3)
      await sleep(60)
      expect(pool.size).toBe(3)
    })
  })

  test('says so when a task that holds a connection would wait for another one', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const nested = use(pool.acquire(), () => pool.query('select 1'))
      await expect(nested).rejects.toThrow(NestedAcquireError)
      const again = use(pool.acquire(), () => pool.acquire())
      await expect(again).rejects.toThrow(
        /Task-\d+ holds a connection of <Pool .* size=1 free=0 waiting=0> and asked for/,
      )
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })

  test('lets a task that holds a connection have another one while there are any', async () => {
    await run(async () => {
      const pool = world.pool({ max: 2 })
      await use(pool.acquire(), () => use(pool.acquire(), (inner) => inner.query('select 1')))
    })
  })

  test('lets other tasks wait for a connection that one holds, and ends their wait with an error', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1, acquireTimeout: 300 })
      await use(pool.acquire(), async () => {
        await expect(createTask(pool.query('select 1'))).rejects.toThrow(PoolTimeoutError)
        const patient = createTask(pool.query('select 2 as n'))
        await sleep(20)
        expect(pool.waiting).toBe(1)
        patient.cancel()
        // Given back in the same pass: the one in line is cancelled, and has not run yet.
      })
      await sleep(1)
      expect([pool.free, pool.waiting]).toEqual([1, 0])
    })
  })

  test('runs onConnect once with each connection, before its first use', async () => {
    await run(async () => {
      let connects = 0
      const pool = world.pool({
        max: 1,
        onConnect: async (connection) => {
          connects++
          await connection.query("set search_path to 'elsewhere'")
        },
      })
      for (let i = 0; i < 3; i++) {
        expect((await pool.query('show search_path')).rows).toEqual([{ search_path: 'elsewhere' }])
      }
      expect(connects).toBe(1)
    })
  })

  test('gives the error of onConnect to whoever got the connection, which is closed', async () => {
    await run(async () => {
      const pool = world.pool({
        onConnect: function* () {
          throw new Error('not today')
        },
      })
      await expect(pool.query('select 1')).rejects.toThrow('not today')
      expect(pool.size).toBe(0)
    })
  })

  test('rolls back what was left open on a connection, before the next one gets it', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      await use(pool.acquire(), (connection) => connection.query('begin; create table never (a int)'))
      expect((await pool.query("select to_regclass('never') as it")).rows).toEqual([{ it: null }])
    })
  })

  test('replaces connections that are older than maxLifetime', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1, maxLifetime: 50 })
      const pid = async () =>
        (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid
      const first = await pid()
      expect(await pid()).toBe(first)
      await sleep(60)
      await pid()
      expect(await pid()).not.toBe(first)
    })
  })

  test('tries a connection that was idle before it lends it, and makes another one where it is dead', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1, checkAfterIdle: 0 })
      await pool.query('select 1')
      await world.ask(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool'",
      )
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })

  test('forgets idle connections that the server ends', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.query('select 1')
      await world.ask(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool'",
      )
      await until(() => pool.size === 0)
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })

  test('lets a handle be used no more once it was given back', async () => {
    await run(async () => {
      const pool = world.pool()
      const connection = await pool.acquire()
      await connection.release()
      await connection.release()
      await expect(connection.query('select 1')).rejects.toThrow(/is over; take a new one/)
    })
  })

  test('closes in order: who waits is refused, who works may end, and no session is left', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const working = createTask(pool.query('select pg_sleep(0.1), 1 as a'))
      await until(async () => (await world.sessions()).length === 1)
      const waiting = createTask(pool.query('select 1'))
      await sleep(5)
      const closing = createTask(pool.close())
      await expect(waiting).rejects.toThrow(PostgresConnectionError)
      expect((await working).rowCount).toBe(1)
      await closing
      await pool.close()
      await world.untilNoSessions()
      await expect(pool.query('select 1')).rejects.toThrow(/is closed; make a new one/)
    })
  })

  test('ends what does not end within the grace, on the server too', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const working = createTask(pool.query('select pg_sleep(10)'))
      await until(async () => (await world.sessions()).some((line) => line.startsWith('active')))
      await pool.close({ grace: 20 })
      await expect(working).rejects.toThrow(/was lost: it was closed on this side/)
      await world.untilNoSessions()
    })
  })

  test('works outside any task as well', async () => {
    const pool = world.pool({ max: 1 })
    const results = await Promise.all([pool.query('select 1 as a'), pool.query('select 2 as a')])
    expect(results.map(({ rows }) => rows[0])).toEqual([{ a: 1 }, { a: 2 }])
    const connection = await pool.acquire()
    const waiting = pool.query('select 3 as a').then(({ rows }) => rows)
    await connection.release()
    expect(await waiting).toEqual([{ a: 3 }])
  })
})
