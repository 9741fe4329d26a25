/** A million rows by pg-cursor on a client of pg's. Fair: a thousand at a time, as its documentation reads them. */
import pg from 'pg'
import Cursor from 'pg-cursor'
import type { Sizes } from '../kernel.ts'
import { MILLION_ROWS } from '../million-rows.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function prepare({ repeats }: Sizes) {
  const client = new pg.Client(await postgresUrl())
  await client.connect()
  return {
    async run() {
      let count = 0
      const cursor = client.query(new Cursor(MILLION_ROWS, [repeats]))
      for (let rows = await cursor.read(1000); rows.length > 0; rows = await cursor.read(1000))
        count += rows.length
      await cursor.close()
      return count
    },
    close: () => client.end(),
  }
}
