/** A server for the tests of a file, emptied before each, and clients that are closed when their test is over. */
import { type Coroutine, type ExceptionContext, getRunningLoop, run, type Task } from 'polvo'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Client, type ClientOptions, createClient } from '../../src/index.ts'
import { type RedisServer, startServer } from './server.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Have `cleanup` run when the test is over; the latest first. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

/** One server for all tests of the file. */
export function sharedServer(...options: readonly string[]): { readonly server: RedisServer } {
  const shared: { server: RedisServer } = { server: undefined as never }
  beforeAll(async () => {
    shared.server = await startServer(...options)
  })
  beforeEach(() => {
    shared.server.cli('flushall')
  })
  afterAll(() => shared.server.stop())
  return shared
}

/** A client that is closed when the test is over. */
export function clientFor(server: RedisServer, options: ClientOptions = {}): Client {
  const client = createClient({ host: '127.0.0.1', port: server.port, ...options })
  afterTest(() => client.close())
  return client
}

/** Write a line: the values, joined by spaces. */
export type Print = (...values: unknown[]) => void

export interface Programs<W> {
  /** What is there before the program runs, anew for each spelling. */
  world: () => Promise<W> | W
  generator: (world: W, print: Print) => Coroutine<unknown>
  async: (world: W, print: Print) => Promise<unknown>
}

const ALLOWED_MS = 8000

/**
 * Both programs print `expected`. Reports to the exception handler are lines too, and so is an error that
 * comes out.
 */
export function bothSpellings<W>(name: string, expected: readonly string[], programs: Programs<W>): void {
  for (const spelling of ['generator', 'async'] as const) {
    test(`${name} (${spelling})`, async () => {
      const lines: string[] = []
      const print: Print = (...values) => lines.push(values.map(word).join(' '))
      const world = await programs.world()
      const program = programs[spelling]
      const end = AbortSignal.timeout(ALLOWED_MS)
      await run(
        () => {
          getRunningLoop().setExceptionHandler((_, { message }: ExceptionContext) =>
            print('report:', message),
          )
          return program(world, print) as Promise<unknown>
        },
        { signal: end },
      ).catch((error: unknown) => print('out comes', error))
      if (end.aborted) print(`ENDED AFTER ${ALLOWED_MS} ms`)
      expect(lines).toEqual(expected)
    })
  }
}

function word(value: unknown): string {
  if (value instanceof Error) return value.name
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

/** The error that comes of `action`, in a run of its own. */
export async function errorOf(action: () => PromiseLike<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await run(async () => await action())
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('It did not fail.')
}

/** What became of a task: its result, or its error. */
export function* outcomeOf(task: Task<unknown>): Coroutine<unknown> {
  try {
    return yield* task
  } catch (error) {
    return error
  }
}
