// Transactions: what is kept and what is not, savepoints, tries after serialization failures.
import { createTask, Event, run, sleep, use } from 'polvo'
import { expect, test } from 'vitest'
import {
  type Pool,
  SerializationFailureError,
  TransactionAbortedError,
  UniqueViolationError,
} from '../src/index.ts'
import { bothSpellings, describePostgres } from './support/servers.ts'

describePostgres('a transaction', (world) => {
  let tables = 0
  const table = async (pool: Pool): Promise<string> => {
    const name = `t${++tables}`
    await pool.query(`create table ${name} (a int primary key)`)
    return name
  }
  const all = async (pool: Pool, name: string) => {
    const { rows } = await pool.query<{ a: number }>(`select a from ${name} order by a`)
    return rows.map(({ a }) => a)
  }

  bothSpellings('is kept when its body ends well, and gives what that returns', {
    *generator() {
      const pool = world.pool()
      yield* pool.query('create table kept_g (a int)')
      const result = yield* pool.transaction(function* (transaction) {
        yield* transaction.query('insert into kept_g values (1)')
        return 'done'
      })
      expect(result).toBe('done')
      expect((yield* pool.query('select * from kept_g')).rows).toEqual([{ a: 1 }])
    },
    async async() {
      const pool = world.pool()
      await pool.query('create table kept_a (a int)')
      const result = await pool.transaction(async (transaction) => {
        await transaction.query('insert into kept_a values (1)')
        return 'done'
      })
      expect(result).toBe('done')
      expect((await pool.query('select * from kept_a')).rows).toEqual([{ a: 1 }])
    },
  })

  test('is rolled back when its body throws', async () => {
    await run(async () => {
      const pool = world.pool()
      const t = await table(pool)
      const doomed = pool.transaction(async (transaction) => {
        await transaction.query(`insert into ${t} values (1)`)
        throw new Error('mine')
      })
      await expect(doomed).rejects.toThrow('mine')
      expect(await all(pool, t)).toEqual([])
      expect(pool.free).toBe(1)
    })
  })

  test('inside another one is a savepoint', async () => {
    await run(async () => {
      const pool = world.pool()
      const t = await table(pool)
      await pool.transaction(async (outer) => {
        await outer.query(`insert into ${t} values (1)`)
        const inner = outer.transaction(async (transaction) => {
          await transaction.query(`insert into ${t} values (2)`)
          await transaction.query(`insert into ${t} values (1)`)
        })
        await expect(inner).rejects.toThrow(UniqueViolationError)
        await outer.transaction((transaction) =>
          transaction.transaction((deep) => deep.query(`insert into ${t} values (3)`)),
        )
      })
      expect(await all(pool, t)).toEqual([1, 3])
    })
  })

  test('has one handle that works, the innermost', async () => {
    await run(async () => {
      const pool = world.pool()
      let leaked: { query(text: string): PromiseLike<unknown> } | undefined
      await use(pool.acquire(), async (connection) => {
        await connection.transaction(async (outer) => {
          leaked = outer
          await expect(connection.query('select 1')).rejects.toThrow(/use what its body was given/)
          await outer.transaction(async () => {
            await expect(outer.query('select 1')).rejects.toThrow(/use what its body was given/)
          })
          await outer.query('select 1')
        })
        await connection.query('select 1')
      })
      await expect(leaked?.query('select 1')).rejects.toThrow(/This transaction is over/)
    })
  })

  test('whose body swallows a failed statement says that it was rolled back', async () => {
    await run(async () => {
      const pool = world.pool()
      const t = await table(pool)
      const swallowing = pool.transaction(async (transaction) => {
        await transaction.query(`insert into ${t} values (1)`)
        await transaction.query('select 1/0').then(undefined, () => {})
      })
      await expect(swallowing).rejects.toThrow(TransactionAbortedError)
      expect(await all(pool, t)).toEqual([])
    })
  })

  test('has the isolation that was asked for, and may be read only', async () => {
    await run(async () => {
      const pool = world.pool()
      const shown = await pool.transaction(
        async (transaction) => {
          await expect(
            transaction.transaction((inner) => inner.query('create table x (a int)')),
          ).rejects.toThrow(/read-only transaction/)
          return (await transaction.query('show transaction_isolation')).rows
        },
        { isolation: 'repeatable read', readOnly: true },
      )
      expect(shown).toEqual([{ transaction_isolation: 'repeatable read' }])
    })
  })

  test('that could not be serialized is run again, as often as was asked for', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.query('create table stock (n int); insert into stock values (10)')
      let runs = 0
      const take = (bothRead: Event) => async () =>
        pool.transaction(
          async (transaction) => {
            runs++
            const { rows } = await transaction.query<{ n: number }>('select n from stock')
            if (runs === 2) bothRead.set()
            await bothRead.wait()
            await transaction.query('update stock set n = $1', [(rows[0]?.n ?? 0) - 1])
          },
          { isolation: 'serializable', retrySerialization: 3 },
        )
      const bothRead = new Event()
      const tasks = [createTask(take(bothRead)), createTask(take(bothRead))]
      for (const task of tasks) await task
      expect(runs).toBe(3)
      expect((await pool.query('select n from stock')).rows).toEqual([{ n: 8 }])
    })
  })

  test('is not run again where that was not asked for', async () => {
    await run(async () => {
      const pool = world.pool()
      let runs = 0
      const failing = pool.transaction(async (transaction) => {
        runs++
        await transaction.query("do $$ begin raise exception 'no' using errcode = '40001'; end $$")
      })
      await expect(failing).rejects.toThrow(SerializationFailureError)
      expect(runs).toBe(1)
    })
  })

  test('that is cancelled while it commits has happened, and the task is cancelled at its next await', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.query(`create table slow (a int);
        create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return null; end $$;
        create constraint trigger slowly after insert on slow deferrable initially deferred
          for each row execute function slowly()`)
      const steps: string[] = []
      const task = createTask(async () => {
        await pool.transaction((transaction) => transaction.query('insert into slow values (1)'))
        steps.push('acknowledged')
        await sleep(0)
        steps.push('not reached')
      })
      await sleep(50)
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect(steps).toEqual(['acknowledged'])
      expect((await pool.query('select * from slow')).rows).toEqual([{ a: 1 }])
    })
  })

  test('refuses what cannot be', async () => {
    const pool = world.pool()
    expect(() => pool.transaction(7 as never)).toThrow(/takes a function/)
    expect(() => pool.transaction(async () => {}, { isolation: 'chaos' as never })).toThrow(/isolation is/)
    expect(() => pool.transaction(async () => {}, { retrySerialization: -1 })).toThrow(/0 or more/)
    await run(async () => {
      await pool.transaction(async (transaction) => {
        expect(() => transaction.transaction(async () => {}, { readOnly: true })).toThrow(/takes no options/)
      })
    })
  })
})
