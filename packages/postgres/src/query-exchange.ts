/** A statement and its result. */
import pg from 'pg'
import { Exchange } from './exchange.ts'
import type { Session } from './session.ts'
import { briefSql, type Command, type Row } from './statement.ts'

/** A column of a result. */
export interface Field {
  /** Its name. */
  readonly name: string
  /** The number of its type; see pg_type. */
  readonly dataTypeID: number
  /** The number of the table it comes from, 0 for none; see pg_class. */
  readonly tableID: number
  /** Its number in that table, 0 for none. */
  readonly columnID: number
}

/** What a statement gives. */
export interface QueryResult<R extends object = Row> {
  /** The rows, columns by name. */
  readonly rows: R[]
  /** How many rows were selected, inserted, updated, deleted; null for a statement that is about none, such as BEGIN. */
  readonly rowCount: number | null
  /** The columns. */
  readonly fields: readonly Field[]
  /** What was done, such as 'SELECT'. */
  readonly command: string
}

/** What a session was borrowed from. */
interface Borrowed {
  _return(session: Session): void
}

/** States after which what a connection has prepared is not to be used any more: changed tables, DEALLOCATE. */
const STALE: ReadonlySet<unknown> = new Set(['0A000', '26000'])

export class QueryExchange extends Exchange<QueryResult> {
  readonly #command: Command
  /** Where the session goes back to as soon as it is ready, before the awaiter runs; null where the awaiter keeps it. */
  #owner: Borrowed | null
  #results: pg.QueryResult | pg.QueryResult[] | undefined

  constructor(session: Session, command: Command, owner: Borrowed | null = null) {
    super(session, command.text)
    this.#command = command
    this.#owner = owner
  }

  /** Give the session back, unless that was done. Returns whether it is still to settle. */
  giveBack(): boolean {
    const owner = this.#owner
    if (owner === null) return false
    this.#owner = null
    owner._return(this.session)
    return this.session.isSettling
  }

  override _describe(): string {
    return `query(\`${briefSql(this.#command.text)}\`)`
  }

  /** @internal */
  override _submit(client: pg.Client): void {
    const { text, values, name } = this.#command
    const onEnd = (error: Error | undefined, results: unknown) => {
      if (error) this.error = error
      else this.#results = results as pg.QueryResult
    }
    client.query(
      name === undefined
        ? new pg.Query(text, values, onEnd)
        : new pg.Query({ name, text, values: values ?? [] }, onEnd),
    )
  }

  protected override outcome(): QueryResult {
    const results = this.#results
    const { rows, rowCount, fields, command } = (
      Array.isArray(results) ? results.at(-1) : results
    ) as pg.QueryResult
    return { rows, rowCount, fields, command }
  }

  override _answered(): void {
    const { name } = this.#command
    if (name !== undefined && STALE.has((this.error as { code?: unknown } | null)?.code))
      this.session.isRetired = true
    this.giveBack()
    super._answered()
  }
}

/** A statement that is not to be cut short, such as COMMIT: cancelled, its answer is waited for. */
export class FinalExchange extends QueryExchange {
  override _interrupt(): boolean {
    return false
  }
}
