/** PostgreSQL. The server runs in processes of its own, begun anew for each sample; the peer is pg, on which polvo stands. */
import { CONTROL, type Entry, NATIVE, polvo, type Row, row } from '../row.ts'

export const postgresRows: readonly Row[] = [
  row(
    {
      name: 'postgres-queries',
      title: '20,000 times `select $1::int`, 10 connections, 100 tasks; ns per query',
      metrics: ['cpu', 'wall'],
      hasNode22: false,
    },
    { tasks: 100, repeats: 200, depth: 0, connections: 10, warmUps: 4 },
    [
      polvo('generator', '`yield* pool.query`'),
      polvo('async', '`await pool.query`'),
      ...pg('postgres-queries', 'pg.Pool'),
      { id: 'aiopg', label: "aiopg's pool", tool: 'aiopg', kernel: 'postgres-queries.aiopg.py' },
      {
        id: 'asyncpg',
        label: "asyncpg's pool, uvloop",
        tool: 'asyncpg',
        kernel: 'postgres-queries.asyncpg.py',
      },
    ],
  ),
  row(
    {
      name: 'postgres-cursor',
      title: 'a million rows by cursor, 1,000 at a time; ns per row, and the peak memory of the process',
      kind: 'once',
      metrics: ['cpu', 'wall', 'peak'],
      hasNode22: false,
    },
    { tasks: 1, repeats: 1_000_000, depth: 0 },
    [
      polvo('generator', 'cursor, generators'),
      polvo('async', 'cursor, async functions'),
      ...pg('postgres-cursor', 'pg-cursor'),
    ],
  ),
  row(
    {
      name: 'postgres-cancel',
      title: 'cancel `pg_sleep`, until the server is idle; ns',
      hasNode22: false,
    },
    { tasks: 1, repeats: 10, depth: 0 },
    [
      polvo('generator', '`task.cancel()`, generators'),
      polvo('async', '`task.cancel()`, async functions'),
      ...pg('postgres-cancel', 'pg_cancel_backend by a second client'),
    ],
  ),
]

function pg(family: string, label: string): Entry[] {
  const kernel = `${family}.native.ts`
  return [
    { id: NATIVE, label, tool: 'pg', kernel },
    { id: CONTROL, label: `${label}, again`, tool: 'pg', kernel },
  ]
}
