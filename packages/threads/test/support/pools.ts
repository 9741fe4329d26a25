/** Both kinds of pools, and the same program in both spellings on each. */
import { readdirSync } from 'node:fs'
import { type PoolOptions, ProcessPoolExecutor, ThreadPoolExecutor, type WorkModule } from '@polvo/threads'
import { type Coroutine, call, type ExceptionContext, getRunningLoop, run, sleep } from 'polvo'
import { expect, test } from 'vitest'

export type TestWork = WorkModule<typeof import('./work.ts')>
export type Pool = ThreadPoolExecutor | ProcessPoolExecutor

export const workUrl = new URL('./work.ts', import.meta.url)

export const KINDS = [
  ['ThreadPoolExecutor', ThreadPoolExecutor],
  ['ProcessPoolExecutor', ProcessPoolExecutor],
] as const

type Body = (pool: Pool, work: TestWork) => Promise<unknown>
type GeneratorBody = (pool: Pool, work: TestWork) => Coroutine<unknown>

export type PoolClass = (typeof KINDS)[number][1]

/** Run `body` with a pool and its work, and shut the pool down. Returns what was reported to the exception handler. */
export async function withPool(
  Kind: PoolClass,
  options: PoolOptions,
  body: Body | GeneratorBody,
): Promise<string[]> {
  const reports: string[] = []
  await run(async () => {
    getRunningLoop().setExceptionHandler((_, { message, exception }: ExceptionContext) => {
      reports.push(`${message}: ${exception}`)
    })
    const pool = new Kind(options)
    try {
      await call(body as Body, pool, pool.module<typeof import('./work.ts')>(workUrl))
    } finally {
      await pool.shutdown({ cancelFutures: true })
    }
    expect(pool.stats).toEqual({ workers: 0, idle: 0, waiting: 0 })
  })
  return reports
}

export interface Programs {
  generator: GeneratorBody
  async: Body
}

/** Both programs, on both kinds of pools. */
export function everywhere(name: string, programs: Programs, options: PoolOptions = { maxWorkers: 2 }): void {
  for (const [kind, Kind] of KINDS) {
    for (const spelling of ['generator', 'async'] as const) {
      test(`${name} (${kind}, ${spelling})`, async () => {
        await withPool(Kind, options, programs[spelling])
      })
    }
  }
}

/** Both kinds, in the async spelling. */
export function inBothKinds(name: string, options: PoolOptions, body: Body): void {
  test.each(KINDS)(`${name} (%s)`, async (_, Kind) => {
    expect(await withPool(Kind, options, body)).toEqual([])
  })
}

/** What an operation fails with. */
export async function errorOf(action: () => PromiseLike<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await action()
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('It did not fail.')
}

/** A cell that threads and this test share. */
export function sharedCell(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4))
}

/** Wait until work in a thread has written `value` into the cell. */
export async function cellIs(cell: Int32Array, value: number): Promise<void> {
  while (Atomics.load(cell, 0) !== value) await sleep(1)
}

/** How many threads this process has, where the system tells. */
export function threadCount(): number | null {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : null
}
