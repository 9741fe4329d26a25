// What the server refuses comes as a class, with the statement and the place in it.
import { run } from 'polvo'
import { expect, test } from 'vitest'
import {
  AuthorizationError,
  CheckViolationError,
  createPool,
  DatabaseError,
  DataError,
  ForeignKeyViolationError,
  IntegrityError,
  LockNotAvailableError,
  NotNullViolationError,
  PostgresConnectionError,
  PostgresError,
  QueryCanceledError,
  TooManyConnectionsError,
  UndefinedColumnError,
  UndefinedTableError,
  UniqueViolationError,
} from '../src/index.ts'
import { describePostgres, errorOf, until } from './support/servers.ts'

describePostgres('an error of the server', (world) => {
  const table =
    'create table if not exists strict (a int unique, b int not null, c int check (c > 0), d int references strict (a))'

  test.each([
    [
      'insert into strict values (1, 1), (1, 1)',
      UniqueViolationError,
      'POLVO_POSTGRES_UNIQUE_VIOLATION',
      '23505',
    ],
    [
      'insert into strict values (1, null)',
      NotNullViolationError,
      'POLVO_POSTGRES_NOT_NULL_VIOLATION',
      '23502',
    ],
    ['insert into strict values (1, 1, 0)', CheckViolationError, 'POLVO_POSTGRES_CHECK_VIOLATION', '23514'],
    [
      'insert into strict values (1, 1, 1, 9)',
      ForeignKeyViolationError,
      'POLVO_POSTGRES_FOREIGN_KEY_VIOLATION',
      '23503',
    ],
    ['select 1/0', DataError, 'POLVO_POSTGRES_DATA', '22012'],
    ['select nothing from strict', UndefinedColumnError, 'POLVO_POSTGRES_UNDEFINED_COLUMN', '42703'],
    ['select * from nowhere', UndefinedTableError, 'POLVO_POSTGRES_UNDEFINED_TABLE', '42P01'],
    [
      'set statement_timeout = 1; select pg_sleep(1)',
      QueryCanceledError,
      'POLVO_POSTGRES_QUERY_CANCELED',
      '57014',
    ],
    [
      "do $$ begin raise 'mine' using errcode = 'AB123'; end $$",
      DatabaseError,
      'POLVO_POSTGRES_DATABASE',
      'AB123',
    ],
  ])('of `%s` is a %o', async (text, Class, code, sqlState) => {
    const pool = world.pool({ max: 1 })
    await run(async () => void (await pool.query(table)))
    const error = await errorOf(() => pool.query(text))
    expect(error).toBeInstanceOf(Class)
    expect(error).toBeInstanceOf(PostgresError)
    expect(error).toMatchObject({ name: Class.name, code, sqlState, query: text })
    await run(async () => expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }]))
  })

  test('says where in the statement it is, in words and as a number', async () => {
    const pool = world.pool()
    const error = await errorOf(() =>
      run(function* () {
        yield* pool.query('select 1\n  frm strict where a = $1', [5])
      }),
    )
    expect(error.position).toBe(16)
    expect(error.message).toMatch(
      /^syntax error at or near "strict" in `select 1 frm »strict where a = \$1` \(SQLSTATE 42601\)/,
    )
    expect(error.stack).toMatch(/errors\.test\.ts/)
  })

  test('has what the server tells of it, and not the values', async () => {
    const pool = world.pool()
    await run(async () => void (await pool.query(table)))
    const secret = 4711
    const error = await errorOf(() => pool.query('insert into strict values ($1, 1, -1)', [secret]))
    expect(error).toMatchObject({
      table: 'strict',
      constraint: 'strict_c_check',
      schema: 'public',
      severity: 'ERROR',
    })
    expect(error).toBeInstanceOf(IntegrityError)
    expect(error.query).not.toContain('4711')
  })

  test('about a lock that was not to be had has its class', async () => {
    await run(async () => {
      const pool = world.pool()
      await pool.query(table)
      await pool.transaction(async (transaction) => {
        await transaction.query('lock strict')
        const other = pool.transaction((second) => second.query('lock strict nowait'))
        await expect(other).rejects.toThrow(LockNotAvailableError)
      })
    })
  })

  test('of logging in says what to check', async () => {
    const dsn = world.server.url.replace('/postgres', '/nowhere')
    const unknown = await errorOf(() => world.pool({ dsn: dsn.replace('5432', '') }).query('select 1'))
    expect(unknown.message).toMatch(/database "nowhere" does not exist .*Check the name of the database/)
    const stranger = await errorOf(() =>
      world.pool({ dsn: world.server.url.replace('polvo@', 'stranger@') }).query('select 1'),
    )
    expect(stranger).toBeInstanceOf(AuthorizationError)
    expect(stranger.message).toMatch(/role "stranger" does not exist/)
  })
})

test('a server that is not there, or has no such name, is a PostgresConnectionError with advice', async () => {
  await using pool = createPool({ dsn: 'postgres://polvo@127.0.0.1:1/postgres' })
  const refused = await errorOf(() => pool.query('select 1'))
  expect(refused).toBeInstanceOf(PostgresConnectionError)
  expect(refused).toMatchObject({ code: 'POLVO_POSTGRES_CONNECTION', name: 'PostgresConnectionError' })
  expect(refused.message).toBe(
    'No connection to 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Nothing listens there: is the server running?',
  )
  await using nowhere = createPool({ host: 'nowhere.invalid', user: 'polvo' })
  const unknown = await errorOf(() => nowhere.query('select 1'))
  expect(unknown.message).toMatch(
    /^No connection to nowhere\.invalid:5432: getaddrinfo (ENOTFOUND|EAI_AGAIN)/,
  )
  await using folder = createPool({ host: '/nowhere', user: 'polvo' })
  expect((await errorOf(() => folder.query('select 1'))).message).toMatch(/ENOENT.*There is no such socket/)
})

describePostgres(
  'a server with few connections',
  (world) => {
    test('says too many clients, as an error where there is nothing to wait for', async () => {
      await run(async () => {
        const greedy = world.pool({ max: 5 })
        await Promise.all([1, 2, 3, 4, 5].map(() => greedy.query('select pg_sleep(0.05)')))
        const late = world.pool({ max: 1, acquireTimeout: 500 })
        const error = await late.query('select 1').then(undefined, (error: unknown) => error)
        expect(error).toBeInstanceOf(TooManyConnectionsError)
        expect((error as Error).message).toMatch(/Lower the pool's max, or raise max_connections/)
      })
    })

    test('serves a pool that wants more of them with those there are', async () => {
      await run(async () => {
        const pool = world.pool({ max: 20 })
        const answers = await Promise.all(
          Array.from({ length: 60 }, (_, n) => pool.query('select $1::int as n, pg_sleep(0.002)', [n])),
        )
        expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(Array.from({ length: 60 }, (_, n) => n))
        await until(() => pool.size < 6)
      })
    })
  },
  { settings: { max_connections: 5, superuser_reserved_connections: 0 } },
)
