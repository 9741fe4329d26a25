// Templates: values become parameters, whatever is put in.
import { describe, expect, test } from 'vitest'
import { sql } from '../src/index.ts'

describe('sql', () => {
  test('makes values parameters', () => {
    const statement = sql`select * from users where id = ${7} and name = ${"'; drop table users"}`
    expect(statement.text).toBe('select * from users where id = $1 and name = $2')
    expect(statement.values).toEqual([7, "'; drop table users"])
  })

  test('puts pieces of SQL into each other, and counts on', () => {
    const where = sql`where a = ${1} ${sql`and b = ${2}`}`
    const statement = sql`select ${0} from t ${where} limit ${3}`
    expect(statement.text).toBe('select $1 from t where a = $2 and b = $3 limit $4')
    expect(statement.values).toEqual([0, 1, 2, 3])
    expect(sql`${where}`.text).toBe('where a = $1 and b = $2')
  })

  test('quotes names', () => {
    expect(sql.id('public', 'the "users"').text).toBe('"public"."the ""users"""')
    expect(sql`select ${sql.id('a')} from ${sql.id('t')} where x = ${1}`.text).toBe(
      'select "a" from "t" where x = $1',
    )
    for (const name of ['', 'a\0b', 7 as never]) expect(() => sql.id(name)).toThrow(/sql\.id\(\) takes names/)
  })

  test('makes lists, of values and of pieces', () => {
    expect(sql`a in (${sql.list([1, 'x'])})`.text).toBe('a in ($1, $2)')
    const rows = [
      [1, 'a'],
      [2, 'b'],
    ].map((row) => sql`(${sql.list(row)})`)
    const insert = sql`insert into t values ${sql.list(rows)}`
    expect(insert.text).toBe('insert into t values ($1, $2), ($3, $4)')
    expect(insert.values).toEqual([1, 'a', 2, 'b'])
    expect(() => sql.list([])).toThrow(/at least one item. Compare with `= any/)
  })

  test('joins pieces with SQL between them', () => {
    const conditions = [sql`a = ${1}`, sql`b = ${2}`]
    expect(sql.join(conditions, ' and ').text).toBe('a = $1 and b = $2')
    expect(sql.join([], ' and ').text).toBe('')
  })

  test('takes text as it is where that is said', () => {
    expect(sql`select ${sql.raw('now()')}`.text).toBe('select now()')
    expect(() => sql.raw(1 as never)).toThrow(/takes text/)
  })

  test('refuses undefined, and to be called as a function', () => {
    expect(() => sql`select ${undefined}`).toThrow(
      'The value after `…select ` is undefined. Give null where NULL is meant.',
    )
    expect(() => (sql as unknown as (text: string) => void)('select 1')).toThrow(/is a tag for templates/)
  })
})
