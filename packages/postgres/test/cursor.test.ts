// Rows as they come: back-pressure, leaving early, cancelling, memory.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createTask, forEach, run, sleep, TimeoutError, timeout, use } from 'polvo'
import { expect, test } from 'vitest'
import { sql } from '../src/index.ts'
import { bothSpellings, describePostgres, until } from './support/servers.ts'

describePostgres('a cursor', (world) => {
  const numbers = 'select g as n from generate_series(1, $1::int) g'

  bothSpellings('gives every row once, in order, and then its connection back', {
    *generator() {
      const pool = world.pool({ max: 1 })
      const seen: number[] = []
      yield* forEach(pool.cursor<{ n: number }>(numbers, [1203], { batch: 100 }), function* ({ n }) {
        seen.push(n)
      })
      expect(seen).toEqual(Array.from({ length: 1203 }, (_, i) => i + 1))
      expect((yield* pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    },
    async async() {
      const pool = world.pool({ max: 1 })
      const seen: number[] = []
      for await (const { n } of pool.cursor(
        sql<{ n: number }>`select g as n from generate_series(1, ${1203}::int) g`,
      )) {
        seen.push(n)
      }
      expect(seen).toEqual(Array.from({ length: 1203 }, (_, i) => i + 1))
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    },
  })

  bothSpellings('that is left early is closed, and its connection is free', {
    *generator() {
      const pool = world.pool({ max: 1 })
      const left = forEach(pool.cursor(numbers, [1_000_000]), function* () {
        throw new Error('enough')
      })
      try {
        yield* left
      } catch (error) {
        expect(String(error)).toBe('Error: enough')
      }
      expect(pool.free).toBe(1)
    },
    async async() {
      const pool = world.pool({ max: 1 })
      for await (const { n } of pool.cursor<{ n: number }>(numbers, [1_000_000])) if (n === 3) break
      expect(pool.free).toBe(1)
      expect(await world.sessions()).toEqual([expect.stringMatching(/^idle/)])
    },
  })

  test('gives no rows of a statement that has none, and runs it', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      for await (const _ of pool.cursor('create table by_cursor (a int)')) expect.fail('a row')
      for await (const _ of pool.cursor('select * from by_cursor')) expect.fail('a row')
      expect(pool.free).toBe(1)
    })
  })

  test('gives its rows in arrays, those that are left first', async () => {
    await run(async () => {
      const cursor = world.pool().cursor<{ n: number }>(numbers, [10], { batch: 4 })
      expect(await cursor.next()).toEqual({ done: false, value: { n: 1 } })
      const sizes: number[] = []
      for await (const rows of cursor.batches()) sizes.push(rows.length)
      expect(sizes).toEqual([3, 4, 2])
      expect(await cursor.next()).toEqual({ done: true, value: undefined })
    })
  })

  test('has the server make no more rows than were asked for', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.query('create sequence made')
      const cursor = pool.cursor("select nextval('made') from generate_series(1, 1000)", [], { batch: 10 })
      await cursor.next()
      await cursor.close()
      await cursor.close()
      expect((await pool.query('select last_value from made')).rows).toEqual([{ last_value: 10n }])
    })
  })

  test('throws what the server answers in the middle, with the rows before it given', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const seen: number[] = []
      const going = async () => {
        const failing = pool.cursor<{ n: number }>(
          'select 10 / (5 - g) as n from generate_series(1, 9) g',
          [],
          { batch: 2 },
        )
        for await (const { n } of failing) seen.push(n)
      }
      await expect(going()).rejects.toThrow(/division by zero/)
      expect(seen).toEqual([2, 3, 5, 10])
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })

  test('that is cancelled stops on the server', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      for (const batch of [1, 100]) {
        const task = createTask(async () => {
          for await (const _ of pool.cursor('select pg_sleep(0.03) from generate_series(1, 1000)', [], {
            batch,
          }));
        })
        await until(async () => (await world.sessions()).some((line) => /^active/.test(line)))
        await sleep(50)
        task.cancel()
        await expect(task).rejects.toThrow(/cancelled/)
        expect(await world.sessions()).toEqual([expect.stringMatching(/^idle/)])
        expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
      }
      expect(pool.size).toBe(1)
    })
  })

  test('is all that its connection does, in a transaction and out of one', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.transaction(async (transaction) => {
        for await (const _ of transaction.cursor(numbers, [3], { batch: 1 })) {
          await expect(transaction.query('select 1')).rejects.toThrow(/is busy with a cursor/)
          break
        }
        expect((await transaction.query('select 1 as a')).rows).toEqual([{ a: 1 }])
      })
      await use(pool.acquire(), async (connection) => {
        await using cursor = connection.cursor(numbers, [3], { batch: 1 })
        await cursor.next()
        await expect(connection.query('select 1')).rejects.toThrow(/is busy with a cursor/)
      })
    })
  })

  test('that a timeout ends in the middle of a transaction ends that too, not the connection', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const going = pool.transaction((transaction) =>
        timeout(50, async () => {
          for await (const _ of transaction.cursor('select pg_sleep(1) from generate_series(1, 9)', [], {
            batch: 1,
          }));
        }),
      )
      await expect(going).rejects.toThrow(TimeoutError)
      expect([pool.size, pool.free]).toEqual([1, 1])
    })
  })

  test('is read by one task at a time', async () => {
    await run(async () => {
      await using cursor = world.pool().cursor('select pg_sleep(0.05)')
      const first = createTask(cursor.next())
      await sleep(5)
      await expect(cursor.next()).rejects.toThrow(/is being read by another task/)
      await first
    })
  })

  test('goes through a million rows in less than 120 MB', async () => {
    const program = new URL('./support/million-rows.ts', import.meta.url).pathname
    const args = ['--conditions=polvo-source', program, world.server.url]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const { rows, peakMegabytes } = JSON.parse(stdout)
    expect(rows).toBe(1_000_000)
    expect(peakMegabytes).toBeLessThan(120)
  }, 30_000)
})
