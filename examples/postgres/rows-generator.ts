/**
 * A first program for PostgreSQL, generator spelling: a pool, a query, a transaction, rows as they come, and a query that takes
 * too long. Its argument says where the server is: `rows-generator.ts postgres://user@localhost/database`; without one the
 * `PG…` variables of the environment do.
 */
import { createPool, type Pool, sql } from '@polvo/postgres'
import { type Coroutine, forEach, TimeoutError, timeout, use } from 'polvo'
import { main } from 'polvo/node'

interface Planet {
  name: string
  moons: number
}

const PLANETS: Planet[] = [
  { name: 'Mars', moons: 2 },
  { name: 'Neptune', moons: 16 },
  { name: 'Venus', moons: 0 },
]

function* askOnce(pool: Pool): Coroutine<void> {
  const { rows } = yield* pool.query<{ one: number }>('select 1 as one')
  console.log('select 1:', rows[0]?.one)
}

function* fill(pool: Pool): Coroutine<void> {
  yield* pool.transaction(function* (transaction) {
    yield* transaction.query('drop table if exists polvo_planets')
    yield* transaction.query('create table polvo_planets (name text primary key, moons int not null)')
    for (const { name, moons } of PLANETS) {
      yield* transaction.query(sql`insert into polvo_planets values (${name}, ${moons})`)
    }
  })
}

function* list(pool: Pool): Coroutine<void> {
  const planets = pool.cursor<Planet>('select name, moons from polvo_planets order by name')
  yield* forEach(planets, ({ name, moons }) => console.log(`${name} has ${moons} moons`))
}

function* giveUp(pool: Pool): Coroutine<void> {
  try {
    yield* timeout(100, () => pool.query('select pg_sleep(10)'))
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('too slow, and stopped on the server; the pool:', `${pool.free} of ${pool.size} free`)
  }
}

await main(function* () {
  yield* use(createPool({ dsn: process.argv[2] }), function* (pool) {
    yield* askOnce(pool)
    yield* fill(pool)
    yield* list(pool)
    yield* giveUp(pool)
    yield* pool.query('drop table polvo_planets')
  })
})
