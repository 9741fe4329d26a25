/** Cancel a query that sleeps on the server, with polvo, in generators. Fair: the task is over when the server is idle. */
import { createPool } from '@polvo/postgres'
import { createTask, run, sleep, use, wait } from 'polvo'
import type { Sizes, Stopwatch } from '../kernel.ts'
import { postgresUrl } from '../postgres-server.ts'

export async function batch({ repeats }: Sizes, watch: Stopwatch): Promise<number> {
  watch.pause()
  const dsn = await postgresUrl()
  return run(() =>
    use(createPool({ dsn, max: 1 }).connect(), function* (pool) {
      let cancelled = 0
      for (let i = 0; i < repeats; i++) {
        const task = createTask(pool.query('select pg_sleep(10)'))
        yield* sleep(20)
        watch.resume()
        task.cancel()
        yield* wait([task])
        watch.pause()
        if (task.cancelled() && pool.free === 1) cancelled++
      }
      return cancelled
    }),
  )
}
