/** Small queries on a pool of polvo's, in generators. Fair: a pool of ten, tasks in a group, one query after the other in each. */
import { createPool, type Pool } from '@polvo/postgres'
import { type Coroutine, run, taskGroup, use } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function batch({ tasks, repeats, connections = 10 }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  const dsn = await postgresUrl()
  let answers = 0
  function* ask(pool: Pool): Coroutine {
    for (let i = 0; i < repeats; i++) {
      const { rows } = yield* pool.query<{ n: number }>('select $1::int as n', [i])
      if (rows[0]?.n === i) answers++
    }
  }
  await run(function* () {
    yield* use(createPool({ dsn, min: connections, max: connections }).connect(), function* (pool) {
      watch.resume()
      yield* taskGroup(function* (group) {
        for (let i = 0; i < tasks; i++) group.createTask(ask, pool)
      })
      watch.pause()
    })
  })
  return answers
}
