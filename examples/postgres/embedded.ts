import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { createPool } from '@polvo/postgres'
import { main } from 'polvo/node'

const db = await PGlite.create() // PostgreSQL in this process; in place of it, any server
const server = new PGLiteSocketServer({ db, port: 0 })
await server.start()

await main(async () => {
  await using pool = createPool({ dsn: `postgres://postgres@${server.getServerConn()}/postgres`, max: 1 })

  const { rows } = await pool.query('select 6 * $1::int as answer', [7])
  console.log(rows) // [ { answer: 42 } ]

  for await (const { n } of pool.cursor<{ n: number }>('select n from generate_series(1, 3) n'))
    console.log(n)
})

await server.stop()
await db.close()
