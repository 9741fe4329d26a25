/** What the types say. Checked by the compiler, never run. */
import { type Cursor, type Pool, prepare, type QueryResult, type Row, sql } from '@polvo/postgres'
import type { Awaitable, Coroutine } from 'polvo'

interface User {
  id: number
  name: string
}

declare const pool: Pool

export const untyped: Awaitable<QueryResult<Row>> = pool.query('select 1')
export const typed: Awaitable<QueryResult<User>> = pool.query<User>('select * from users', [])
export const ofTemplate: Awaitable<QueryResult<User>> = pool.query(
  sql<User>`select * from users where id = ${1}`,
)
export const ofPrepared: Awaitable<QueryResult<User>> = pool.query(prepare<User>('select * from users'))
export const cursor: Cursor<User> = pool.cursor(sql<User>`select * from users`)

// @ts-expect-error columns are not known
pool.query('select 1').then(({ rows }) => (rows[0] as User).name.missing)
// @ts-expect-error no statement
pool.query(1)
// @ts-expect-error parameters are an array
pool.query('select $1', 1)

export const ofGenerator: Awaitable<number> = pool.transaction(function* (transaction): Coroutine<number> {
  yield* transaction.query('select 1')
  return 1
})
export const ofAsync: Awaitable<string> = pool.transaction(async () => 'x')
// @ts-expect-error no such level
pool.transaction(async () => {}, { isolation: 'chaos' })
// @ts-expect-error a coroutine may not yield numbers
pool.transaction(function* () {
  yield 5
})
