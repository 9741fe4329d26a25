import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type PostgresServer,
  postgresPrograms,
  startPostgres,
} from '../../packages/postgres/test/support/postgres-server.ts'
import { expectTwins, runExample } from './programs.ts'

describe('embedded.ts', () => {
  test('prints its rows with nothing installed', async () => {
    const { status, stdout, stderr } = await runExample('postgres/embedded.ts')
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: '[ { answer: 42 } ]\n1\n2\n3\n',
      stderr: '',
    })
  }, 60_000)

  test("is the first program of the package's README", () => {
    const readme = readFileSync(new URL('../../packages/postgres/README.md', import.meta.url), 'utf8')
    const [, program] = /```ts\n([\s\S]*?)```/.exec(readme) ?? []
    expect(program).toBe(readFileSync(new URL('../postgres/embedded.ts', import.meta.url), 'utf8'))
  })
})

const isThere = postgresPrograms() !== null || process.env.POLVO_REQUIRE_SERVICES === '1'
if (!isThere) console.warn('SKIPPED, as there is no PostgreSQL here: the example postgres/rows')

describe.skipIf(!isThere).each(['rows-generator.ts', 'rows-async.ts'])('%s', (program) => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
  }, 30_000)
  afterAll(() => server?.dispose(), 30_000)

  test('asks, fills a table, lists it, and gives up what is too slow', async () => {
    const { status, stdout, stderr } = await runExample(`postgres/${program}`, [server.url])
    expect(stdout.trimEnd().split('\n')).toEqual([
      'select 1: 1',
      'Mars has 2 moons',
      'Neptune has 16 moons',
      'Venus has 0 moons',
      'too slow, and stopped on the server; the pool: 1 of 1 free',
    ])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  }, 20_000)
})

test('the two spellings differ in nothing else', () => expectTwins(expect, 'postgres/rows'))
