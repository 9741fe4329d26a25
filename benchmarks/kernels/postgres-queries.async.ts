/** Small queries on a pool of polvo's, in async functions. Fair: a pool of ten, tasks in a group, one query after the other in each. */
import { createPool, type Pool } from '@polvo/postgres'
import { run, taskGroup, use } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function batch({ tasks, repeats, connections = 10 }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  const dsn = await postgresUrl()
  let answers = 0
  async function ask(pool: Pool): Promise<void> {
    for (let i = 0; i < repeats; i++) {
      const { rows } = await pool.query<{ n: number }>('select $1::int as n', [i])
      if (rows[0]?.n === i) answers++
    }
  }
  await run(async () => {
    await use(createPool({ dsn, min: connections, max: connections }).connect(), async (pool) => {
      watch.resume()
      await taskGroup(async (group) => {
        for (let i = 0; i < tasks; i++) group.createTask(ask, pool)
      })
      watch.pause()
    })
  })
  return answers
}
