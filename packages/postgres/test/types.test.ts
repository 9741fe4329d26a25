// How values go in and come out, as docs/postgres.md has them.
import { run } from 'polvo'
import { expect, test } from 'vitest'
import { describePostgres } from './support/servers.ts'

describePostgres('values', (world) => {
  const out = async (expression: string): Promise<unknown> => {
    const { rows } = await world.pool().query<{ it: unknown }>(`select ${expression} as it`)
    return rows[0]?.it
  }

  test.each([
    ['7::int', 7],
    ['9007199254740993::bigint', 9007199254740993n],
    ['array[1, 9007199254740993]::bigint[]', [1n, 9007199254740993n]],
    ['1.50::numeric', '1.50'],
    ['1.5::float8', 1.5],
    ['true', true],
    ['null::int', null],
    ["'text'::text", 'text'],
    [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
    ["'[1]'::json", [1]],
    ["'2026-02-28'::date", '2026-02-28'],
    ["array['2026-02-28']::date[]", ['2026-02-28']],
    ["'2026-02-28 12:00:00.123+02'::timestamptz", new Date('2026-02-28T10:00:00.123Z')],
    ["array['a', null, 'c,d']", ['a', null, 'c,d']],
    [
      'array[[1, 2], [3, 4]]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["'\\x00ff'::bytea", Buffer.from([0, 255])],
    ["'6f1c2e3a-0000-4000-8000-000000000000'::uuid", '6f1c2e3a-0000-4000-8000-000000000000'],
  ])('%s comes out as %o', async (expression, value) => {
    await run(async () => expect(await out(expression)).toEqual(value))
  })

  test.each([
    ['bigint', 9007199254740993n, 9007199254740993n],
    ['jsonb', { a: 1 }, { a: 1 }],
    ['int[]', [1, 2], [1, 2]],
    ['text[]', ['a', 'b "c"'], ['a', 'b "c"']],
    ['timestamptz', new Date(1_700_000_000_123), new Date(1_700_000_000_123)],
    ['bytea', Buffer.from('bytes'), Buffer.from('bytes')],
    ['date', '2026-02-28', '2026-02-28'],
    ['int', null, null],
  ])('as %s goes in %o', async (type, value, back) => {
    await run(async () => {
      const { rows } = await world.pool().query<{ it: unknown }>(`select $1::${type} as it`, [value])
      expect(rows[0]?.it).toEqual(back)
    })
  })

  test('of a type may be parsed by the program', async () => {
    await run(async () => {
      const pool = world.pool({ types: { 1700: Number } })
      const text = 'select 1.5::numeric as it'
      expect((await pool.query(text)).rows).toEqual([{ it: 1.5 }])
      for await (const row of pool.cursor(text)) expect(row).toEqual({ it: 1.5 })
    })
  })

  test('that a parser refuses are an error of the query', async () => {
    await run(async () => {
      const pool = world.pool({
        max: 1,
        types: {
          1700: () => {
            throw new Error('no numbers today')
          },
        },
      })
      await expect(pool.query('select 1.5::numeric as it')).rejects.toThrow('no numbers today')
      await expect(pool.cursor('select 1.5::numeric as it').next()).rejects.toThrow('no numbers today')
      expect((await pool.query('select 1 as a')).rows).toEqual([{ a: 1 }])
    })
  })
})
