/** A server for a test file, and what its tests look at from outside: what the server itself says of its sessions. */
import pg from 'pg'
import { type Coroutine, type ExceptionContext, getRunningLoop, run } from 'polvo'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createPool, type Pool, type PoolOptions } from '../../src/index.ts'
import {
  type PostgresServer,
  postgresPrograms,
  type ServerOptions,
  startPostgres,
} from './postgres-server.ts'

const cleanups: (() => unknown)[] = []

/** Have `cleanup` run when the test is over; the latest first. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** What the tests of one file share: a server, and a connection past this package. */
export interface World {
  readonly server: PostgresServer
  /** Ask the server, past this package. */
  ask(text: string, params?: unknown[]): Promise<Record<string, unknown>[]>
  /** A pool that is closed when the test is over. */
  pool(options?: PoolOptions): Pool
  /** The sessions of pools: their states and last statements. */
  sessions(): Promise<string[]>
  /** Wait until the server has no sessions of pools. */
  untilNoSessions(): Promise<void>
}

/** Tests against a server that all of them share. Without PostgreSQL they are skipped, or fail where services are required. */
export function describePostgres(
  name: string,
  body: (world: World) => void,
  options: ServerOptions = {},
): void {
  const isThere = postgresPrograms() !== null
  if (!isThere && process.env.POLVO_REQUIRE_SERVICES === '1') {
    test(`${name}: PostgreSQL is installed`, () =>
      expect.fail('There is no PostgreSQL here, and services are required.'))
    return
  }
  if (!isThere) console.warn(`SKIPPED, as there is no PostgreSQL here: ${name}`)
  describe.skipIf(!isThere)(name, () => {
    const state: { server?: PostgresServer; outside?: pg.Pool } = {}
    beforeAll(async () => {
      state.server = await startPostgres(options)
      state.outside = new pg.Pool({ connectionString: state.server.url, max: 1, application_name: 'outside' })
      state.outside.on('error', () => {})
    }, 30_000)
    afterAll(async () => {
      await state.outside?.end()
      await state.server?.dispose()
    }, 30_000)
    body(worldOf(state))
  })
}

function worldOf(state: { server?: PostgresServer; outside?: pg.Pool }): World {
  const world: World = {
    get server() {
      return state.server as PostgresServer
    },
    ask: async (text, params) => (await (state.outside as pg.Pool).query(text, params)).rows,
    pool(options = {}) {
      const pool = createPool({ dsn: world.server.url, applicationName: 'pool', ...options })
      afterTest(() => pool.close({ grace: 0 }))
      return pool
    },
    async sessions() {
      const rows = await world.ask(
        "select state, query from pg_stat_activity where backend_type = 'client backend' and application_name <> 'outside'",
      )
      return rows.map(({ state, query }) => `${state}: ${query}`)
    },
    async untilNoSessions() {
      await until(async () => (await world.sessions()).length === 0)
    },
  }
  return world
}

/** Wait until `isSo`, for at most three seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, what = 'it'): Promise<void> {
  const deadline = performance.now() + 3000
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`After 3 s ${what} has not come to pass.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The same test in both spellings. Reports to the exception handler, which nobody expects, fail it. */
export function bothSpellings(
  name: string,
  programs: { generator: () => Coroutine<unknown>; async: () => Promise<unknown> },
): void {
  test(`${name} (generator)`, () => reporting(programs.generator))
  test(`${name} (async)`, () => reporting(programs.async))
}

async function reporting(program: () => unknown): Promise<void> {
  const reports: string[] = []
  await run(() => {
    getRunningLoop().setExceptionHandler((_, { message }: ExceptionContext) => reports.push(message))
    return program() as Promise<unknown>
  })
  expect(reports).toEqual([])
}

/** The error that comes of `action`. */
export async function errorOf(action: () => PromiseLike<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await action()
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('It did not fail.')
}
