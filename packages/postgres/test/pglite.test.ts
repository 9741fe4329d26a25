// Without a server: PGlite behind its socket, as the README has it.
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { createTask, run, sleep, use } from 'polvo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPool, type Pool, UniqueViolationError } from '../src/index.ts'

let db: PGlite
let server: PGLiteSocketServer
let pool: Pool

beforeAll(async () => {
  db = await PGlite.create()
  server = new PGLiteSocketServer({ db, port: 0 })
  await server.start()
  pool = createPool({ dsn: `postgres://postgres@${server.getServerConn()}/postgres`, max: 1 })
}, 60_000)

afterAll(async () => {
  await pool?.close()
  await server?.stop()
  await db?.close()
})

test('PGlite serves queries, transactions and cursors on its one connection', async () => {
  await run(async () => {
    expect((await pool.query('select $1::int as answer', [42])).rows).toEqual([{ answer: 42 }])
    await pool.query('create table t (a int primary key)')
    await pool.transaction((transaction) => transaction.query('insert into t values (1), (2)'))
    await expect(pool.query('insert into t values (1)')).rejects.toThrow(UniqueViolationError)
    const seen: unknown[] = []
    for await (const row of pool.cursor('select a from t order by a', [], { batch: 1 })) seen.push(row)
    expect(seen).toEqual([{ a: 1 }, { a: 2 }])
  })
}, 30_000)

test('PGlite cannot be interrupted: a query that is cancelled ends there first, and its connection is used again', async () => {
  await run(async () => {
    await pool.query('select 1')
    const task = createTask(pool.query('select count(*) from generate_series(1, 300000)'))
    await sleep(5)
    task.cancel()
    await expect(task).rejects.toThrow(/cancelled/)
    await use(pool.acquire(), async (connection) => {
      expect((await connection.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
    expect(pool.size).toBe(1)
  })
}, 30_000)
