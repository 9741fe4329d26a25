// COPY in bulk, both ways, with what breaks it off.
import { createTask, forEach, run, sleep } from 'polvo'
import { expect, test } from 'vitest'
import { DataError } from '../src/index.ts'
import { bothSpellings, describePostgres, until } from './support/servers.ts'

describePostgres('COPY', (world) => {
  bothSpellings('takes what a source gives, and gives it back', {
    *generator() {
      const pool = world.pool()
      yield* pool.query('create table copied_g (a int, t text)')
      const count = yield* pool.copyFrom('copy copied_g from stdin', ['1\tone\n', Buffer.from('2\ttwo\n')])
      expect(count).toBe(2)
      let text = ''
      yield* forEach(pool.copyTo('copy copied_g to stdout (format csv)'), function* (chunk) {
        text += Buffer.from(chunk)
      })
      expect(text).toBe('1,one\n2,two\n')
    },
    async async() {
      const pool = world.pool()
      await pool.query('create table copied_a (a int, t text)')
      const lines = async function* () {
        yield '1\tone\n'
        await sleep(1)
        yield '2\ttwo\n'
      }
      expect(await pool.copyFrom('copy copied_a from stdin', lines())).toBe(2)
      let text = ''
      for await (const chunk of pool.copyTo('copy copied_a to stdout (format csv)'))
        text += Buffer.from(chunk)
      expect(text).toBe('1,one\n2,two\n')
    },
  })

  test('of many megabytes waits for the server, both ways, and loses nothing', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      await pool.query('create table big (n int, t text)')
      const chunk = (from: number) =>
        Array.from({ length: 1000 }, (_, i) => `${from + i}\t${'x'.repeat(90)}\n`).join('')
      const chunks = function* () {
        for (let i = 0; i < 100; i++) yield chunk(i * 1000)
      }
      expect(await pool.copyFrom('copy big from stdin', chunks())).toBe(100_000)
      let size = 0
      for await (const bytes of pool.copyTo('copy big to stdout')) {
        size += bytes.length
        if (size < 1_000_000) await sleep(1)
      }
      expect(size).toBe([...chunks()].reduce((sum, text) => sum + text.length, 0))
      expect(pool.free).toBe(1)
    })
  })

  test('is undone when its source fails, when a row cannot be, and when it is cancelled', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      await pool.query('create table undone (a int)')
      const failing = function* () {
        yield '1\n'
        throw new Error('no more')
      }
      await expect(pool.copyFrom('copy undone from stdin', failing())).rejects.toThrow('no more')
      await expect(pool.copyFrom('copy undone from stdin', ['1\n', 'x\n'])).rejects.toThrow(DataError)
      const endless = async function* () {
        for (;;) {
          yield '1\n'
          await sleep(1)
        }
      }
      const task = createTask(pool.copyFrom('copy undone from stdin', endless()))
      await sleep(30)
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect((await pool.query('select * from undone')).rows).toEqual([])
      expect(pool.size).toBe(1)
    })
  })

  test('out that is left early or cancelled leaves the connection usable', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const text = "copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout"
      for await (const _ of pool.copyTo(text)) break
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
      const task = createTask(async () => {
        for await (const _ of pool.copyTo('copy (select pg_sleep(10)) to stdout'));
      })
      await until(async () => (await world.sessions()).some((line) => line.startsWith('active')))
      task.cancel()
      await expect(task).rejects.toThrow(/cancelled/)
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
      expect(pool.size).toBe(1)
    })
  })

  test('refuses statements that are none, and sources of something else', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      await pool.query('create table refused (a int)')
      await expect(pool.copyFrom('select 1', ['1\n'])).rejects.toThrow(/copyFrom\(\) runs COPY … FROM STDIN/)
      await expect(pool.copyFrom('copy refused from stdin', [7 as never])).rejects.toThrow(/gave number/)
      await expect(pool.copyTo('copy refused from stdin').next()).rejects.toThrow(
        /for COPY … FROM STDIN there is copyFrom/,
      )
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })
})
