// Notifications as a stream, which outlives its connection.
import { createTask, forEach, run, sleep } from 'polvo'
import { expect, test } from 'vitest'
import { PostgresConnectionError } from '../src/index.ts'
import { bothSpellings, describePostgres, until } from './support/servers.ts'

describePostgres('a listener', (world) => {
  bothSpellings('gives what is notified, in order', {
    *generator() {
      const pool = world.pool()
      const news = pool.listen('news')
      yield* news.start()
      for (const n of [1, 2, 3]) yield* pool.query("select pg_notify('news', $1)", [`${n}`])
      const seen: string[] = []
      yield* forEach(news, function* ({ payload }) {
        seen.push(payload)
        if (seen.length === 3) yield* news.close()
      })
      expect(seen).toEqual(['1', '2', '3'])
    },
    async async() {
      const pool = world.pool()
      await using news = pool.listen(['News "quoted"', 'other'])
      await news.start()
      await pool.query('notify "News ""quoted"""')
      await pool.query("notify other, 'x'")
      const seen: unknown[] = []
      for await (const { channel, payload } of news) {
        seen.push([channel, payload])
        if (seen.length === 2) break
      }
      expect(seen).toEqual([
        ['News "quoted"', ''],
        ['other', 'x'],
      ])
    },
  })

  test('listens again after its connection was lost, and says so', async () => {
    await run(async () => {
      const pool = world.pool()
      let reconnects = 0
      await using news = pool.listen('again', { onReconnect: () => reconnects++ })
      await news.start()
      await world.ask("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'")
      await until(() => reconnects === 1)
      expect(news.listening).toBe(true)
      await pool.query("notify again, 'here'")
      expect((await news.next()).value).toMatchObject({ channel: 'again', payload: 'here' })
    })
  })

  test('that is waited for in vain can be cancelled, and loses nothing', async () => {
    await run(async () => {
      const pool = world.pool()
      await using news = pool.listen('calm')
      await news.start()
      const task = createTask(news.next())
      await sleep(5)
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      await pool.query("notify calm, 'later'")
      expect((await news.next()).value?.payload).toBe('later')
    })
  })

  test('ends when it is closed, and when its pool is', async () => {
    await run(async () => {
      const pool = world.pool()
      const [first, second] = [pool.listen('a'), pool.listen('b')]
      await first.start()
      await second.start()
      const waiting = [createTask(first.next()), createTask(second.next())]
      await first.close()
      await first.close()
      await pool.close()
      for (const task of waiting) expect(await task).toEqual({ done: true, value: undefined })
      await world.untilNoSessions()
    })
  })

  test('throws where the first connection cannot be made', async () => {
    await run(async () => {
      const pool = world.pool({ dsn: 'postgres://polvo@127.0.0.1:1/postgres' })
      await expect(pool.listen('x').start()).rejects.toThrow(PostgresConnectionError)
    })
  })

  test('refuses what is no channel', () => {
    expect(() => world.pool().listen([])).toThrow(/takes the name of a channel/)
    expect(() => world.pool().listen('')).toThrow(/takes the name of a channel/)
  })
})
