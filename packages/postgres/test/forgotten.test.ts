// Needs the garbage collector at hand.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTask, type ExceptionContext, getRunningLoop, run } from 'polvo'
import { expect, test } from 'vitest'
import type { Pool } from '../src/index.ts'
import { describePostgres, until } from './support/servers.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const take = async (pool: Pool) => (await pool.acquire()).processId
const look = async (pool: Pool) =>
  (await pool.cursor('select generate_series(1, 1000)', [], { batch: 1 }).next()).done
const copy = async (pool: Pool) =>
  (await pool.copyTo('copy (select generate_series(1, 100000)) to stdout').next()).done

describePostgres('what is forgotten', (world) => {
  test.each([
    ['A connection of a pool', take],
    ['A cursor', look],
    ['A copy', copy],
  ])('is taken back and reported: %s', async (what, forget) => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const reports: string[] = []
      getRunningLoop().setExceptionHandler((_, { message }: ExceptionContext) => reports.push(message))
      await createTask(forget as (pool: Pool) => Promise<unknown>, pool)
      expect(pool.free).toBe(0)
      await until(() => {
        collectGarbage()
        return reports.length > 0
      })
      expect(reports).toEqual([
        `${what} was forgotten without being closed. Open it with use() or 'await using'.`,
      ])
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })

  test('and was closed before is not reported', async () => {
    await run(async () => {
      const pool = world.pool({ max: 1 })
      const reports: unknown[] = []
      getRunningLoop().setExceptionHandler((_, report) => reports.push(report))
      await createTask(async () => await (await pool.acquire()).release())
      for (let i = 0; i < 5; i++) {
        collectGarbage()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(reports).toEqual([])
    })
  })
})
