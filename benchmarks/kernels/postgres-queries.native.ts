/** Small queries on pg's own pool. Fair: a pool of ten that is connected, one query after the other in each async function. */
import pg from 'pg'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function batch({ tasks, repeats, connections = 10 }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  const pool = new pg.Pool({ connectionString: await postgresUrl(), max: connections })
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const client of clients) client.release()
  let answers = 0
  async function ask(): Promise<void> {
    for (let i = 0; i < repeats; i++) {
      const { rows } = await pool.query('select $1::int as n', [i])
      if (rows[0]?.n === i) answers++
    }
  }
  watch.resume()
  await Promise.all(Array.from({ length: tasks }, ask))
  watch.pause()
  await pool.end()
  return answers
}
