// Everything at once, cancelled at random: what is not cancelled gets its own answers, and the pool is whole afterwards.
import { type Coroutine, call, createTask, forEach, isCancelled, run, sleep, type Task, use } from 'polvo'
import { expect, test } from 'vitest'
import { seeded } from '../../core/test/support/random.ts'
import type { Pool } from '../src/index.ts'
import { describePostgres, until } from './support/servers.ts'

/** Does something that is about `n`, and throws where it gets something else. */
type Work = (pool: Pool, n: number) => Coroutine<unknown> | Promise<unknown>

const works: readonly Work[] = [
  async (pool, n) => {
    const { rows } = await pool.query('select $1::int as n, pg_sleep(0.005)', [n])
    expect(rows[0]?.n).toBe(n)
  },
  function* (pool, n) {
    const { rows } = yield* pool.query('select $1::int as n', [n])
    expect(rows).toEqual([{ n }])
  },
  async (pool, n) => {
    for await (const row of pool.cursor<{ n: number }>(
      'select $1::int as n from generate_series(1, 50)',
      [n],
      { batch: 7 },
    )) {
      expect(row).toEqual({ n })
    }
  },
  function* (pool, n) {
    let seen = 0
    yield* forEach(
      pool.cursor('select $1::int as n, pg_sleep(0.001) from generate_series(1, 9)', [n], { batch: 2 }),
      () => {
        seen++
      },
    )
    expect(seen).toBe(9)
  },
  async (pool, n) => {
    let text = ''
    for await (const chunk of pool.copyTo(`copy (select ${n} from generate_series(1, 2000)) to stdout`))
      text += Buffer.from(chunk)
    expect(text).toBe(`${n}\n`.repeat(2000))
  },
  async (pool, n) => {
    expect(await pool.copyFrom('copy noise from stdin', [`${n}\n`, `${n}\n`])).toBe(2)
  },
  function* (pool, n) {
    const inner = yield* pool.transaction(function* (transaction) {
      yield* transaction.query('insert into noise values ($1)', [n])
      return yield* transaction.transaction(function* (savepoint) {
        const { rows } = yield* savepoint.query('select $1::int as n', [n])
        yield* sleep(2)
        return rows
      })
    })
    expect(inner).toEqual([{ n }])
  },
  (pool, n) =>
    call(function* () {
      yield* use(pool.acquire(), async (connection) => {
        await connection.query("select set_config('my.n', $1, false)", [`${n}`])
        await sleep(1)
        expect((await connection.query("select current_setting('my.n') as n")).rows).toEqual([{ n: `${n}` }])
      })
    }) as unknown as Promise<unknown>,
]

describePostgres('random work', (world) => {
  test.each([1, 2, 3])(
    'of which a third is cancelled leaves a pool that is whole (seed %i)',
    async (seed) => {
      const chance = seeded(seed)
      await world.ask('create table if not exists noise (n int)')
      await run(async () => {
        const pool = world.pool({ max: 5 })
        const tasks: Task<unknown>[] = []
        for (let n = 0; n < 300; n++) {
          const work = works[Math.floor(chance() * works.length)] as Work
          const task = createTask(work as (pool: Pool, n: number) => Promise<unknown>, pool, n)
          tasks.push(task)
          if (chance() < 0.33) createTask(cancelAfter, task, chance() * 200)
        }
        const failures: unknown[] = []
        for (const task of tasks) {
          const error = await call(errorOf, task)
          if (error !== null && !isCancelled(error)) failures.push(error)
        }
        expect(failures).toEqual([])
        await until(() => pool.free === pool.size && pool.waiting === 0)
        expect(pool.size).toBeLessThanOrEqual(5)
        expect((await world.sessions()).filter((line) => !line.startsWith('idle:'))).toEqual([])
        await pool.close()
        await world.untilNoSessions()
      })
    },
    30_000,
  )
})

async function cancelAfter(task: Task<unknown>, ms: number): Promise<void> {
  await sleep(ms)
  task.cancel()
}

function* errorOf(task: Task<unknown>): Coroutine<unknown> {
  try {
    yield* task
    return null
  } catch (error) {
    return error
  }
}
