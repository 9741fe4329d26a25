// What statements give, in both spellings, on a pool and on a connection.
import { run, use } from 'polvo'
import { expect, test } from 'vitest'
import { prepare, sql } from '../src/index.ts'
import { bothSpellings, describePostgres, errorOf } from './support/servers.ts'

describePostgres('a query', (world) => {
  bothSpellings('gives rows, their number and the columns', {
    *generator() {
      const pool = world.pool()
      const result = yield* pool.query<{ n: number; t: string }>('select $1::int as n, $2::text as t', [
        7,
        'seven',
      ])
      expect(result.rows).toEqual([{ n: 7, t: 'seven' }])
      expect(result.rowCount).toBe(1)
      expect(result.command).toBe('SELECT')
      expect(result.fields.map(({ name }) => name)).toEqual(['n', 't'])
    },
    async async() {
      const pool = world.pool()
      const result = await pool.query<{ n: number; t: string }>('select $1::int as n, $2::text as t', [
        7,
        'seven',
      ])
      expect(result.rows).toEqual([{ n: 7, t: 'seven' }])
      expect(result.rowCount).toBe(1)
      expect(result.command).toBe('SELECT')
      expect(result.fields.map(({ name }) => name)).toEqual(['n', 't'])
    },
  })

  bothSpellings('works on a connection as on a pool, one statement at a time', {
    *generator() {
      const pool = world.pool()
      yield* use(pool.acquire(), function* (connection) {
        yield* connection.query("set application_name = 'mine'")
        const { rows } = yield* connection.query('show application_name')
        expect(rows).toEqual([{ application_name: 'mine' }])
      })
      expect([pool.size, pool.free]).toEqual([1, 1])
    },
    async async() {
      const pool = world.pool()
      await use(pool.acquire(), async (connection) => {
        const all = await Promise.all([1, 2, 3].map((n) => connection.query('select $1::int as n', [n])))
        expect(all.map(({ rows }) => rows[0])).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
      })
      expect([pool.size, pool.free]).toEqual([1, 1])
    },
  })

  test('of several statements gives the result of the last one', async () => {
    await run(async () => {
      const { rows } = await world.pool().query('select 1 as a; select 2 as b')
      expect(rows).toEqual([{ b: 2 }])
    })
  })

  test('of a template sends its values beside it', async () => {
    await run(async () => {
      const pool = world.pool()
      const evil = "'; drop table users; --"
      const { rows } = await pool.query(
        sql<{ t: string }>`select ${evil}::text as ${sql.id('t')} where 3 in (${sql.list([1, 2, 3])})`,
      )
      expect(rows[0]?.t).toBe(evil)
    })
  })

  test('that is prepared is parsed once on each connection', async () => {
    const statement = prepare<{ n: number }>('select $1::int + 1 as n')
    await run(async () => {
      const pool = world.pool({ max: 1 })
      for (const n of [1, 2, 3]) expect((await pool.query(statement, [n])).rows).toEqual([{ n: n + 1 }])
      const { rows } = await pool.query('select count(*) as times from pg_prepared_statements')
      expect(rows).toEqual([{ times: 1n }])
    })
  })

  test('that is prepared works again after its table has changed', async () => {
    const statement = prepare('select * from changing')
    await run(async () => {
      const pool = world.pool({ max: 1 })
      await pool.query('create table changing (a int)')
      await pool.query(statement)
      await pool.query('alter table changing add b int')
      await expect(pool.query(statement)).rejects.toThrow(/cached plan/)
      expect((await pool.query(statement)).fields).toHaveLength(2)
    })
  })

  test('refuses what is no statement and no parameters', async () => {
    const pool = world.pool()
    expect(() => pool.query(7 as never)).toThrow(/A statement is text/)
    expect(() => pool.query('select 1', 7 as never)).toThrow(/are an array/)
    expect(() => pool.query(sql`select 1`, [1])).toThrow(/has its values in it/)
  })

  test('whose parameter cannot be sent fails and leaves the connection usable', async () => {
    const pool = world.pool({ max: 1 })
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const error = await errorOf(() => pool.query('select $1::json', [circular]))
    expect(error.message).toMatch(/circular/i)
    await run(async () => expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]))
  })
})
