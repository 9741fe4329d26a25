// Cancelling stops the statement on the server, and waits until it has stopped.
import { type Coroutine, createTask, run, sleep, type Task, TimeoutError, timeout, use } from 'polvo'
import { faultProxy } from 'polvo/testing'
import { expect, test } from 'vitest'
import { bothSpellings, describePostgres, until } from './support/servers.ts'

describePostgres('cancelling', (world) => {
  const untilSleeping = () =>
    until(async () => (await world.sessions()).some((line) => line.startsWith('active')))

  bothSpellings('a query leaves the server idle and its connection in the pool', {
    *generator() {
      const pool = world.pool({ max: 1 })
      const task = createTask(pool.query('select pg_sleep(10)'))
      yield* sleep(100)
      task.cancel()
      const error = yield* caught(task)
      expect(String(error)).toMatch(/CancelledError/)
      expect([pool.size, pool.free]).toEqual([1, 1])
      expect((yield* pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    },
    async async() {
      const pool = world.pool({ max: 1 })
      const task = createTask(async () => await pool.query('select pg_sleep(10)'))
      await untilSleeping()
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect(await world.sessions()).toEqual([expect.stringMatching(/^idle/)])
      expect([pool.size, pool.free]).toEqual([1, 1])
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    },
  })

  test('by a timeout throws TimeoutError, soon', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.query('select 1')
      const began = performance.now()
      await expect(timeout(50, () => pool.query('select pg_sleep(10)'))).rejects.toThrow(TimeoutError)
      expect(performance.now() - began).toBeLessThan(500)
    })
  })

  test('one that waits in line leaves the line, and the others move up', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const connection = await pool.acquire()
      const second = createTask(pool.query('select 2 as n'))
      const third = createTask(pool.query('select 3 as n'))
      await sleep(0)
      expect(pool.waiting).toBe(2)
      second.cancel()
      await expect(second).rejects.toThrow(/cancelled/)
      expect(pool.waiting).toBe(1)
      await connection.release()
      expect((await third).rows).toEqual([{ n: 3 }])
    })
  })

  test('inside a transaction rolls it back before the task goes on', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.query('create table rolled (a int)')
      const task = createTask(async () =>
        pool.transaction(async (transaction) => {
          await transaction.query('insert into rolled values (1)')
          await transaction.query('select pg_sleep(10)')
        }),
      )
      await untilSleeping()
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect(await world.sessions()).toEqual([expect.stringMatching(/^idle: rollback/)])
      expect((await pool.query('select * from rolled')).rows).toEqual([])
    })
  })

  test('a query that will not stop ends its connection when its time is over', async () => {
    await using proxy = await faultProxy({ target: { port: world.server.port } })
    await run(async () => {
      const dsn = `postgres://polvo@127.0.0.1:${proxy.port}/postgres`
      const pool = world.pool({ dsn, max: 1, cancelTimeout: 200 })
      await pool.query('select 1')
      proxy.setFaults([{ kind: 'hang', probability: 1 }])
      const task = createTask(pool.query('select pg_sleep(2)'))
      await sleep(50)
      const began = performance.now()
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect(performance.now() - began).toBeGreaterThan(150)
      expect(pool.size).toBe(0)
      proxy.setFaults([])
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })

  test('a request that arrives late strikes nobody: the connection is not used before', async () => {
    await using proxy = await faultProxy({ target: { port: world.server.port } })
    await run(async () => {
      const dsn = `postgres://polvo@127.0.0.1:${proxy.port}/postgres`
      const pool = world.pool({ dsn, max: 1 })
      await pool.query('select 1')
      proxy.setFaults([{ kind: 'delay', ms: 100, probability: 1 }])
      for (let i = 0; i < 5; i++) {
        const victim = createTask(pool.query('select pg_sleep(0.02)'))
        const next = createTask(pool.query('select $1::int as n, pg_sleep(0.15)', [i]))
        await sleep(5)
        victim.cancel()
        await expect(victim).rejects.toThrow(/cancelled/)
        expect((await next).rows).toEqual([expect.objectContaining({ n: i })])
      }
      expect(pool.size).toBe(1)
    })
  })

  test('a task a second time does not wait for the server, which is waited for before the connection is used', async () => {
    await using proxy = await faultProxy({ target: { port: world.server.port } })
    await run(async () => {
      const pool = world.pool({ dsn: `postgres://polvo@127.0.0.1:${proxy.port}/postgres`, max: 1 })
      await pool.query('select 1')
      proxy.setFaults([{ kind: 'delay', ms: 300, probability: 1 }])
      const task = createTask(pool.query('select pg_sleep(10)'))
      await sleep(20)
      task.cancel()
      await sleep(20)
      expect(task.done()).toBe(false)
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect(pool.free).toBe(0)
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })

  test('a statement on a connection of its own leaves that usable', async () => {
    await run(async () => {
      await use(world.pool().acquire(), async (connection) => {
        await expect(timeout(30, () => connection.query('select pg_sleep(10)'))).rejects.toThrow(TimeoutError)
        expect((await connection.query('select 1 as a')).rows).toEqual([{ a: 1 }])
      })
    })
  })

  test('leaves the server idle within 10 ms, over TCP and over a Unix socket', async () => {
    await run(async () => {
      for (const host of ['127.0.0.1', world.server.socketFolder]) {
        const { port } = world.server
        const pool = world.pool({ dsn: undefined, host, port, user: 'polvo', database: 'postgres', max: 1 })
        const times: number[] = []
        for (let i = 0; i < 11; i++) {
          const task = createTask(pool.query('select pg_sleep(10)'))
          await sleep(20)
          const began = performance.now()
          task.cancel()
          await task.then(undefined, () => {})
          times.push(performance.now() - began)
        }
        // The best of them: what else runs on the machine takes its time as well.
        expect(Math.min(...times)).toBeLessThan(10)
      }
    })
  })
})

function* caught(task: Task<unknown>): Coroutine<unknown> {
  try {
    return yield* task
  } catch (error) {
    return error
  }
}
