/** What can be run: text with parameters, a template, a prepared statement. */
import { misuse } from 'polvo/lowlevel'
import { Sql } from './sql.ts'

/** A row, where nothing more is said: its columns by name. */
export type Row = Record<string, unknown>

/** A statement that each connection parses once, made by `prepare`. */
export class Prepared<R extends object = Row> {
  /** What its rows are. */
  declare readonly row: R
  /** Its name on the server. */
  readonly name: string
  /** The statement. */
  readonly text: string

  /** @internal */
  constructor(name: string, text: string) {
    this.name = name
    this.text = text
  }

  toString(): string {
    return `<Prepared ${this.name} ${this.text}>`
  }
}

let prepared = 0

/**
 * Make a prepared statement: each connection parses and plans it the first time it runs there, then only gets the values.
 *
 *     const byId = prepare<User>('select * from users where id = $1')
 *     const { rows } = await pool.query(byId, [7])
 *
 * Nothing is sent by this. Make it once, not for each query: a connection keeps every one it has seen.
 *
 * @throws TypeError unless `text` is text
 */
export function prepare<R extends object = Row>(text: string): Prepared<R> {
  if (typeof text !== 'string' || text === '') {
    throw misuse(`prepare() takes a statement as text, and was given ${String(text)}.`)
  }
  return new Prepared(`polvo_${++prepared}`, text)
}

/** What `query` and `cursor` take: text with `$1`, `$2` …, a template of `sql`, or what `prepare` made. */
export type Statement<R extends object = Row> = string | Sql<R> | Prepared<R>

/** A statement as it is sent. */
export interface Command {
  readonly text: string
  readonly values: unknown[] | undefined
  /** Of a prepared statement. */
  readonly name: string | undefined
}

/** @throws TypeError for what is no statement, and for parameters that cannot be */
export function commandOf(statement: Statement<object>, params: readonly unknown[] | undefined): Command {
  if (params !== undefined && !Array.isArray(params)) {
    throw misuse(
      `The parameters of a statement are an array, as in query(text, [id]); given was ${String(params)}.`,
    )
  }
  if (typeof statement === 'string')
    return { text: statement, values: params as unknown[] | undefined, name: undefined }
  if (statement instanceof Prepared) {
    return { text: statement.text, values: params as unknown[] | undefined, name: statement.name }
  }
  if (!(statement instanceof Sql)) {
    throw misuse(
      `A statement is text, a template of sql, or what prepare() made; given was ${String(statement)}.`,
    )
  }
  if (params !== undefined)
    throw misuse('A template of sql has its values in it; give no parameters beside it.')
  return { text: statement.text, values: statement.values as unknown[], name: undefined }
}

/** The beginning of a statement in one line, for reports. */
export function briefSql(text: string): string {
  if (text.length <= 60 && !text.includes('\n')) return text
  const line = text.slice(0, 200).replaceAll(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
