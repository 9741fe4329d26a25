/**
 * A first program for PostgreSQL, async spelling: a pool, a query, a transaction, rows as they come, and a query that takes
 * too long. Its argument says where the server is: `rows-async.ts postgres://user@localhost/database`; without one the
 * `PG…` variables of the environment do.
 */
import { createPool, type Pool, sql } from '@polvo/postgres'
import { forEach, TimeoutError, timeout, use } from 'polvo'
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

async function askOnce(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ one: number }>('select 1 as one')
  console.log('select 1:', rows[0]?.one)
}

async function fill(pool: Pool): Promise<void> {
  await pool.transaction(async (transaction) => {
    await transaction.query('drop table if exists polvo_planets')
    await transaction.query('create table polvo_planets (name text primary key, moons int not null)')
    for (const { name, moons } of PLANETS) {
      await transaction.query(sql`insert into polvo_planets values (${name}, ${moons})`)
    }
  })
}

async function list(pool: Pool): Promise<void> {
  const planets = pool.cursor<Planet>('select name, moons from polvo_planets order by name')
  await forEach(planets, ({ name, moons }) => console.log(`${name} has ${moons} moons`))
}

async function giveUp(pool: Pool): Promise<void> {
  try {
    await timeout(100, () => pool.query('select pg_sleep(10)'))
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('too slow, and stopped on the server; the pool:', `${pool.free} of ${pool.size} free`)
  }
}

await main(async () => {
  await use(createPool({ dsn: process.argv[2] }), async (pool) => {
    await askOnce(pool)
    await fill(pool)
    await list(pool)
    await giveUp(pool)
    await pool.query('drop table polvo_planets')
  })
})
