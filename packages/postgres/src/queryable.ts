/** What a pool and a connection have in common: statements can be run on them. */
import type { Awaitable, Coroutine, Source } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import { CopyTo, copyFrom } from './copy.ts'
import { Cursor, type CursorOptions } from './cursor.ts'
import { QueryExchange, type QueryResult } from './query-exchange.ts'
import type { Session } from './session.ts'
import { briefSql, type Command, commandOf, type Row, type Statement } from './statement.ts'

/** Where the sessions for statements come from and go to. */
export interface Sessions {
  /** @internal A session, if that is to be had at once. */
  _tryBorrow(): Session | null
  /** @internal A session for one statement, or for a stream of rows. @param use what for, in a word, where it is more than a statement */
  _borrow(use?: string): Coroutine<Session>
  /** @internal It is ready, settling or closed. */
  _return(session: Session): void
}

/** What statements are run on: a pool, which lends a connection to each, a connection, a transaction. */
export abstract class Queryable implements Sessions {
  /** @internal */
  abstract _tryBorrow(): Session | null
  /** @internal */
  abstract _borrow(use?: string): Coroutine<Session>
  /** @internal */
  abstract _return(session: Session): void

  /**
   * Run a statement, and return its rows.
   *
   *     const { rows } = await pool.query<User>('select * from users where id = $1', [id])
   *     const { rows } = await pool.query(sql<User>`select * from users where id = ${id}`)
   *
   * Nothing is sent before it is awaited. Without parameters there may be several statements, joined by semicolons; the
   * result is that of the last one. Cancelled, it stops the statement on the server and waits until it has stopped; outside
   * a transaction it may have been done by then. A checkpoint.
   *
   * @throws DatabaseError and those under it for what the server refuses, PostgresConnectionError where the connection is
   *   lost or none could be made, PoolTimeoutError, NestedAcquireError, InvalidStateError once closed, TypeError for
   *   arguments that cannot be
   */
  query<R extends object = Row>(
    statement: Statement<R>,
    params?: readonly unknown[],
  ): Awaitable<QueryResult<R>> {
    const command = commandOf(statement, params)
    const operation: Awaitable<unknown> = namedCall(
      `query(\`${briefSql(command.text)}\`)`,
      query,
      this,
      command,
    )
    return operation as Awaitable<QueryResult<R>>
  }

  /**
   * Run a statement and go through its rows as they come, `batch` at a time (by default 500); the server makes no more of
   * them than that before they were taken.
   *
   *     for await (const row of pool.cursor<User>('select * from users')) …
   *     yield* forEach(pool.cursor<User>('select * from users'), function* (row) { … })
   *
   * It holds a connection from the first row until the last, or until it is left: `for await` and `forEach` close it.
   * Otherwise as `query`.
   */
  cursor<R extends object = Row>(
    statement: Statement<R>,
    params?: readonly unknown[],
    options: CursorOptions = {},
  ): Cursor<R> {
    return new Cursor<R>(this, commandOf(statement, params), options)
  }

  /**
   * Run a COPY … FROM STDIN, and send it what `source` gives, text or bytes, as fast as the server takes it. Returns the
   * number of rows. Cancelled, or when the source fails, nothing is copied.
   *
   *     await pool.copyFrom('copy users from stdin (format csv)', lines)
   *
   * Otherwise as `query`.
   */
  copyFrom(statement: string, source: Source<string | Uint8Array>): Awaitable<number> {
    return namedCall(`copyFrom(\`${briefSql(statement)}\`)`, copyFrom, this, statement, source)
  }

  /**
   * Run a COPY … TO STDOUT, and go through its bytes, in chunks of whatever size they come.
   *
   *     for await (const chunk of pool.copyTo('copy users to stdout (format csv)')) …
   *
   * It holds a connection as a cursor does. Otherwise as `query`.
   */
  copyTo(statement: string): CopyTo {
    return new CopyTo(this, statement)
  }
}

function* query(sessions: Sessions, command: Command): Coroutine<QueryResult> {
  const session = sessions._tryBorrow() ?? (yield* sessions._borrow())
  const exchange = new QueryExchange(session, command, sessions)
  try {
    return yield* exchange
  } finally {
    if (exchange.giveBack()) yield* session.settled()
  }
}
