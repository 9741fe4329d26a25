/** @polvo/postgres: PostgreSQL for polvo. Every public name is exported here, but for `@polvo/postgres/kysely`. */
export type { Body, PoolConnection, Transaction, TransactionOptions } from './connection.ts'
export type { CopyTo } from './copy.ts'
export type { Batches, Cursor, CursorOptions } from './cursor.ts'
export {
  AuthorizationError,
  CheckViolationError,
  DatabaseError,
  DataError,
  DeadlockDetectedError,
  ExclusionViolationError,
  ForeignKeyViolationError,
  InsufficientPrivilegeError,
  InsufficientResourcesError,
  IntegrityError,
  LockNotAvailableError,
  NotNullViolationError,
  OperatorInterventionError,
  QueryCanceledError,
  SerializationFailureError,
  SyntaxOrAccessError,
  TooManyConnectionsError,
  TransactionRollbackError,
  UndefinedColumnError,
  UndefinedTableError,
  UniqueViolationError,
} from './database-error.ts'
export {
  CommitUnknownError,
  NestedAcquireError,
  PoolTimeoutError,
  PostgresConnectionError,
  PostgresError,
  TransactionAbortedError,
} from './errors.ts'
export type { Listener, ListenOptions, Notification } from './listener.ts'
export { createPool, type Pool } from './pool.ts'
export type { Field, QueryResult } from './query-exchange.ts'
export type { Queryable } from './queryable.ts'
export type { PoolOptions } from './settings.ts'
export { type Sql, sql } from './sql.ts'
export { type Prepared, prepare, type Row, type Statement } from './statement.ts'
export type { TypeParser, TypeParsers } from './types.ts'
