/**
 * What the server answers in place of a result. The class follows the SQLSTATE, first its five characters, then the two of
 * its class; a state that is not known here is a DatabaseError.
 *
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { PostgresError } from './errors.ts'

/** The fields of an ErrorResponse, as pg hands them on. */
export interface ServerFields {
  readonly message: string
  readonly code?: string | undefined
  readonly severity?: string | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  readonly position?: string | undefined
  readonly where?: string | undefined
  readonly schema?: string | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  readonly dataType?: string | undefined
  readonly constraint?: string | undefined
}

/**
 * The server refused a statement. Its message has the statement and where in it the fault is; never the values, which may
 * be secret.
 */
export class DatabaseError extends PostgresError {
  readonly code: string = 'POLVO_POSTGRES_DATABASE'
  /** The SQLSTATE, five characters such as '23505'. */
  readonly sqlState: string
  /** 'ERROR', or 'FATAL' where the server ended the connection; in the language of the server. */
  readonly severity: string | undefined
  /** More about it, such as which key exists already. */
  readonly detail: string | undefined
  /** What the server advises. */
  readonly hint: string | undefined
  /** The statement; undefined where it was about none, as in logging in. */
  readonly query: string | undefined
  /** Where in `query` the fault is, counted in characters from 1; undefined where the server does not say. */
  readonly position: number | undefined
  /** The context on the server, such as the lines of a function. */
  readonly where: string | undefined
  /** The schema it is about. */
  readonly schema: string | undefined
  /** The table it is about. */
  readonly table: string | undefined
  /** The column it is about. */
  readonly column: string | undefined
  /** The data type it is about. */
  readonly dataType: string | undefined
  /** The constraint that was violated. */
  readonly constraint: string | undefined

  constructor(fields: ServerFields, query?: string) {
    const position = fields.position === undefined ? undefined : Number(fields.position)
    super(messageOf(fields, query, position), { cause: fields })
    this.sqlState = fields.code ?? ''
    this.severity = fields.severity
    this.detail = fields.detail
    this.hint = fields.hint
    this.query = query
    this.position = position
    this.where = fields.where
    this.schema = fields.schema
    this.table = fields.table
    this.column = fields.column
    this.dataType = fields.dataType
    this.constraint = fields.constraint
  }
}

/** Class 22: a value that cannot be, such as a division by zero or a text that is no number. */
export class DataError extends DatabaseError {
  override readonly code = 'POLVO_POSTGRES_DATA'
}

/** Class 23: a constraint was violated. */
export class IntegrityError extends DatabaseError {
  override readonly code: string = 'POLVO_POSTGRES_INTEGRITY'
}

/** 23502: null where the column allows none. */
export class NotNullViolationError extends IntegrityError {
  override readonly code = 'POLVO_POSTGRES_NOT_NULL_VIOLATION'
}

/** 23503: a row that is referred to is not there, or is still referred to. */
export class ForeignKeyViolationError extends IntegrityError {
  override readonly code = 'POLVO_POSTGRES_FOREIGN_KEY_VIOLATION'
}

/** 23505: the key exists already. */
export class UniqueViolationError extends IntegrityError {
  override readonly code = 'POLVO_POSTGRES_UNIQUE_VIOLATION'
}

/** 23514: a check failed. */
export class CheckViolationError extends IntegrityError {
  override readonly code = 'POLVO_POSTGRES_CHECK_VIOLATION'
}

/** 23P01: rows that exclude each other. */
export class ExclusionViolationError extends IntegrityError {
  override readonly code = 'POLVO_POSTGRES_EXCLUSION_VIOLATION'
}

/** Class 28: the server did not let us in: wrong password, unknown user. */
export class AuthorizationError extends DatabaseError {
  override readonly code = 'POLVO_POSTGRES_AUTHORIZATION'
}

/** Class 40: the transaction was rolled back by the server and may be tried again. */
export class TransactionRollbackError extends DatabaseError {
  override readonly code: string = 'POLVO_POSTGRES_TRANSACTION_ROLLBACK'
}

/** 40001: transactions that ran at the same time could not have run one after the other. */
export class SerializationFailureError extends TransactionRollbackError {
  override readonly code = 'POLVO_POSTGRES_SERIALIZATION_FAILURE'
}

/** 40P01: transactions waited for each other, and this one was chosen to give way. */
export class DeadlockDetectedError extends TransactionRollbackError {
  override readonly code = 'POLVO_POSTGRES_DEADLOCK_DETECTED'
}

/** Class 42: the statement cannot be understood, or may not be run by this user. */
export class SyntaxOrAccessError extends DatabaseError {
  override readonly code: string = 'POLVO_POSTGRES_SYNTAX_OR_ACCESS'
}

/** 42501: this user may not do that. */
export class InsufficientPrivilegeError extends SyntaxOrAccessError {
  override readonly code = 'POLVO_POSTGRES_INSUFFICIENT_PRIVILEGE'
}

/** 42703: there is no such column. */
export class UndefinedColumnError extends SyntaxOrAccessError {
  override readonly code = 'POLVO_POSTGRES_UNDEFINED_COLUMN'
}

/** 42P01: there is no such table. */
export class UndefinedTableError extends SyntaxOrAccessError {
  override readonly code = 'POLVO_POSTGRES_UNDEFINED_TABLE'
}

/** Class 53: the server has run out of something. */
export class InsufficientResourcesError extends DatabaseError {
  override readonly code: string = 'POLVO_POSTGRES_INSUFFICIENT_RESOURCES'
}

/** 53300: the server has as many connections as it allows. */
export class TooManyConnectionsError extends InsufficientResourcesError {
  override readonly code = 'POLVO_POSTGRES_TOO_MANY_CONNECTIONS'
}

/** 55P03: a lock was not to be had, with NOWAIT or within lock_timeout. */
export class LockNotAvailableError extends DatabaseError {
  override readonly code = 'POLVO_POSTGRES_LOCK_NOT_AVAILABLE'
}

/** Class 57: somebody, or a limit of the server, intervened: it is shutting down, or starting. */
export class OperatorInterventionError extends DatabaseError {
  override readonly code: string = 'POLVO_POSTGRES_OPERATOR_INTERVENTION'
}

/** 57014: the statement was cancelled on the server, by statement_timeout or pg_cancel_backend; not by its task. */
export class QueryCanceledError extends OperatorInterventionError {
  override readonly code = 'POLVO_POSTGRES_QUERY_CANCELED'
}

const BY_STATE: Readonly<Record<string, typeof DatabaseError>> = {
  22: DataError,
  23: IntegrityError,
  23502: NotNullViolationError,
  23503: ForeignKeyViolationError,
  23505: UniqueViolationError,
  23514: CheckViolationError,
  '23P01': ExclusionViolationError,
  28: AuthorizationError,
  40: TransactionRollbackError,
  40001: SerializationFailureError,
  '40P01': DeadlockDetectedError,
  42: SyntaxOrAccessError,
  42501: InsufficientPrivilegeError,
  42703: UndefinedColumnError,
  '42P01': UndefinedTableError,
  53: InsufficientResourcesError,
  53300: TooManyConnectionsError,
  '55P03': LockNotAvailableError,
  57: OperatorInterventionError,
  57014: QueryCanceledError,
}

/** What this package adds to the server's own words. */
const ADVICE: Readonly<Record<string, string>> = {
  28000: 'Check the user and pg_hba.conf of the server.',
  '28P01': 'Check user and password.',
  '3D000': 'Check the name of the database.',
  53300: "Lower the pool's max, or raise max_connections of the server.",
  '25P02': 'A statement of this transaction has failed before; run what may fail in a nested transaction.',
}

/** Whether an error of pg is the server's word, and not the network's. */
export function isServerError(error: unknown): error is ServerFields {
  return error instanceof Error && typeof (error as Partial<ServerFields>).severity === 'string'
}

/** The error for an ErrorResponse. */
export function databaseError(fields: ServerFields, query?: string): DatabaseError {
  const state = fields.code ?? ''
  const Class = BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? DatabaseError
  return new Class(fields, query)
}

const SHOWN = 40

function messageOf({ message, code, detail, hint }: ServerFields, query?: string, position?: number): string {
  const own = code === undefined ? undefined : ADVICE[code]
  const advice = [detail, hint, own].filter((text) => text !== undefined).join(' ')
  const place = query === undefined ? '' : ` in ${placeIn(query, position)}`
  return `${message}${place} (SQLSTATE ${code})${advice === '' ? '' : `. ${advice}`}`
}

/** The statement in one line, cut to what surrounds the fault, which is marked by `»`. */
function placeIn(query: string, position?: number): string {
  const characters = [...query]
  const at = position === undefined ? 0 : position - 1
  const from = Math.max(0, at - SHOWN)
  const to = Math.min(characters.length, at + (position === undefined ? 2 : 1) * SHOWN)
  const before = characters.slice(from, at).join('')
  const after = characters.slice(at, to).join('')
  const marked = position === undefined ? after : `${before}»${after}`
  const shown = `${from > 0 ? '…' : ''}${marked}${to < characters.length ? '…' : ''}`
  return `\`${shown.replaceAll(/\s+/g, ' ').trim()}\``
}
