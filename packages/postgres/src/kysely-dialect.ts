/**
 * The query builder Kysely on a pool of ours. Its queries are awaited in the task that executes them, so that cancelling the task
 * cancels them, although Kysely itself knows only promises.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  IdentifierNode,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  type QueryResult,
  RawNode,
  type TransactionSettings,
} from 'kysely'
import { call } from 'polvo'
import { commit, type PoolConnection } from './connection.ts'
import type { Pool } from './pool.ts'

/** What the dialect is made with. */
export interface PolvoDialectOptions {
  /** A pool of `createPool`. It stays open when Kysely is destroyed: close it yourself. */
  readonly pool: Pool
}

/**
 * Kysely's dialect for a pool of this package:
 *
 *     const db = new Kysely<Database>({ dialect: new PolvoDialect({ pool }) })
 *     const user = await timeout(500, () => db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst())
 *
 * In the generator spelling: `yield* call(() => query.execute())`. A query that is cancelled, or its transaction, behaves as
 * `Pool.query` and `Pool.transaction` do.
 */
export class PolvoDialect implements Dialect {
  readonly #pool: Pool

  constructor({ pool }: PolvoDialectOptions) {
    this.#pool = pool
  }

  /** For Kysely. */
  createDriver(): Driver {
    return new PoolDriver(this.#pool)
  }

  /** For Kysely. */
  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler()
  }

  /** For Kysely. */
  createAdapter(): DialectAdapter {
    return new PostgresAdapter()
  }

  /** For Kysely. */
  createIntrospector(db: Parameters<Dialect['createIntrospector']>[0]): DatabaseIntrospector {
    return new PostgresIntrospector(db)
  }
}

class PoolDriver implements Driver {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new BuilderConnection(await this.#pool.acquire())
  }

  async beginTransaction(
    connection: DatabaseConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    const words = ['begin']
    if (isolationLevel !== undefined) words.push(`isolation level ${isolationLevel}`)
    if (accessMode !== undefined) words.push(accessMode)
    await connection.executeQuery(CompiledQuery.raw(words.join(' ')))
  }

  /** Not cut short by a cancellation: whether it happened has to be known. */
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await call(commit, (connection as BuilderConnection).lent._lease)
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const { _lease: lease } = (connection as BuilderConnection).lent
    if (!lease.session.isClosed) await call(() => lease.say('rollback'))
  }

  async savepoint(connection: DatabaseConnection, name: string, compile: Compile): Promise<void> {
    await connection.executeQuery(savepointCommand('savepoint', name, compile))
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string, compile: Compile): Promise<void> {
    await connection.executeQuery(savepointCommand('rollback to savepoint', name, compile))
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string, compile: Compile): Promise<void> {
    await connection.executeQuery(savepointCommand('release savepoint', name, compile))
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await (connection as BuilderConnection).lent.release()
  }

  async destroy(): Promise<void> {}
}

type Compile = QueryCompiler['compileQuery']

function savepointCommand(command: string, name: string, compile: Compile): CompiledQuery {
  const node = RawNode.create([`${command} `, ''], [IdentifierNode.create(name)])
  return compile(node, { queryId: name })
}

/** What counts rows that were changed, and not rows that were found. */
const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

class BuilderConnection implements DatabaseConnection {
  readonly lent: PoolConnection

  constructor(lent: PoolConnection) {
    this.lent = lent
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount, command } = await this.lent.query<object>(sql, parameters)
    const result: QueryResult<R> = { rows: rows as R[] }
    if (rowCount === null || !CHANGES.has(command)) return result
    return { ...result, numAffectedRows: BigInt(rowCount) }
  }

  async *streamQuery<R>(
    { sql, parameters }: CompiledQuery,
    batch: number,
  ): AsyncIterableIterator<QueryResult<R>> {
    const cursor = this.lent.cursor<object>(sql, parameters, { batch })
    for await (const rows of cursor.batches()) yield { rows: rows as R[] }
  }
}
