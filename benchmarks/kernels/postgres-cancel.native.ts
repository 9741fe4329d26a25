/** Cancel a query that sleeps on the server, with pg: it has no cancelling, so a second client is connected and asks for it. */
import pg from 'pg'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function batch({ repeats }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  const url = await postgresUrl()
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  let cancelled = 0
  for (let i = 0; i < repeats; i++) {
    const failed = client
      .query('select pg_sleep(10)')
      .then(undefined, (error: { code: string }) => error.code)
    await new Promise((resolve) => setTimeout(resolve, 20))
    watch.resume()
    const other = new pg.Client(url)
    await other.connect()
    await other.query('select pg_cancel_backend($1)', [rows[0].pid])
    const code = await failed
    watch.pause()
    await other.end()
    if (code === '57014') cancelled++
  }
  await client.end()
  return cancelled
}
