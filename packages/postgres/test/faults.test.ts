// The network and the server fail in their ways: what was acknowledged is there, and the pool recovers.
import { createTask, isCancelled, map, run, sleep, TimeoutError, taskGroup, timeout } from 'polvo'
import { type FaultProxy, faultProxy } from 'polvo/testing'
import { expect, test } from 'vitest'
import { CommitUnknownError, DatabaseError, type Pool, PostgresConnectionError } from '../src/index.ts'
import { afterTest, describePostgres, until } from './support/servers.ts'

describePostgres('with faults', (world) => {
  const proxied = async (options = {}): Promise<{ proxy: FaultProxy; pool: Pool }> => {
    const proxy = await faultProxy({ target: { port: world.server.port }, seed: 5 })
    afterTest(() => proxy.close())
    const dsn = `postgres://polvo@127.0.0.1:${proxy.port}/postgres`
    return { proxy, pool: world.pool({ dsn, max: 4, cancelTimeout: 300, ...options }) }
  }

  /**
   * Insert numbers, one transaction each, from many tasks, until `stop`; then compare what was acknowledged with what is there.
   */
  const load = async (pool: Pool, table: string, disturb: () => Promise<void>) => {
    await world.ask(`create table ${table} (n int primary key)`)
    const acknowledged = new Set<number>()
    const unknown = new Set<number>()
    const errors: unknown[] = []
    let isOver = false
    let next = 0
    await taskGroup(async (group) => {
      for (let worker = 0; worker < 8; worker++) {
        group.createTask(async () => {
          while (!isOver) {
            const n = next++
            try {
              await pool.transaction((transaction) =>
                transaction.query(`insert into ${table} values ($1)`, [n]),
              )
              acknowledged.add(n)
            } catch (error) {
              if (isCancelled(error)) throw error
              errors.push(error)
              if (error instanceof CommitUnknownError) unknown.add(n)
              await sleep(5)
            }
          }
        })
      }
      await sleep(100)
      await disturb()
      const before = acknowledged.size
      await until(() => acknowledged.size > before + 20, 'recovery')
      isOver = true
    })
    const stored = new Set((await world.ask(`select n from ${table}`)).map(({ n }) => n as number))
    expect([...acknowledged].filter((n) => !stored.has(n))).toEqual([])
    expect([...stored].filter((n) => !acknowledged.has(n) && !unknown.has(n))).toEqual([])
    return errors
  }

  test('a server that is restarted under load loses nothing that was acknowledged, and is used again', async () => {
    await run(async () => {
      const pool = world.pool({ max: 4 })
      const errors = await load(pool, 'restarted', async () => {
        await world.server.stop()
        await sleep(100)
        await world.server.start()
      })
      expect(errors.length).toBeGreaterThan(0)
      for (const error of errors) {
        const isClear = error instanceof PostgresConnectionError || error instanceof DatabaseError
        expect(isClear || error instanceof CommitUnknownError, String(error)).toBe(true)
      }
    })
  }, 20_000)

  test('connections that are reset cost what was under way, and no more', async () => {
    await run(async () => {
      const { proxy, pool } = await proxied()
      const errors = await load(pool, 'were_reset', async () => {
        for (let i = 0; i < 3; i++) {
          await world.ask(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool'",
          )
          await sleep(50)
        }
        proxy.setFaults([{ kind: 'blackout', probability: 0.5 }])
        await sleep(200)
        proxy.setFaults([])
      })
      expect(errors.length).toBeGreaterThan(0)
    })
  }, 20_000)

  test('a network that is black for two seconds holds queries up, which a timeout ends; then all is as before', async () => {
    await run(async () => {
      const { proxy, pool } = await proxied({ connectTimeout: 400 })
      proxy.setFaults([{ kind: 'hang', probability: 1 }])
      const began = performance.now()
      await expect(pool.query('select 1')).rejects.toThrow(/did not let us in within 400 ms/)
      await expect(timeout(100, () => pool.query('select 1'))).rejects.toThrow(TimeoutError)
      await sleep(2000 - (performance.now() - began))
      proxy.setFaults([])
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  }, 10_000)

  test('a slow network is only slow', async () => {
    await run(async () => {
      const { proxy, pool } = await proxied()
      proxy.setFaults([{ kind: 'throttle', bytesPerSecond: 20_000, probability: 1 }])
      const answers = await map(
        [1, 2, 3, 4, 5],
        (n) => pool.query("select $1::int as n, repeat('x', 2000) as t", [n]),
        {
          concurrency: 5,
        },
      )
      expect(answers.map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 3, 4, 5])
      const slow = createTask(pool.query("select repeat('x', 200000)"))
      await sleep(100)
      slow.cancel()
      await expect(slow).rejects.toThrow(/cancelled/)
    })
  }, 20_000)

  test('a COMMIT of which the answer is lost throws CommitUnknownError', async () => {
    await run(async () => {
      const { proxy, pool } = await proxied({ max: 1 })
      await pool.query(`create table unsure (a int);
        create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;
        create constraint trigger dawdle after insert on unsure deferrable initially deferred
          for each row execute function dawdle()`)
      const going = createTask(
        pool.transaction((transaction) => transaction.query('insert into unsure values (1)')),
      )
      await until(async () => (await world.sessions()).some((line) => line === 'active: commit'))
      await proxy.close()
      await expect(going).rejects.toThrow(CommitUnknownError)
    })
  })
})
