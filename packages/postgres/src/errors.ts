/**
 * What this package throws of its own, beside what the server answers (`database-error.ts`). Each class has a stable `code`.
 * Misuse is a TypeError or RangeError, as everywhere in polvo; a closed pool, a connection that was given back, an
 * InvalidStateError.
 */
import { TimeoutError } from 'polvo'
import { misuse, outOfRange } from 'polvo/lowlevel'

/** The base of what can go wrong between a program and its database. */
export abstract class PostgresError extends Error {
  /** Tells the errors apart across versions: `POLVO_POSTGRES_…`. */
  abstract readonly code: string

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name
  }
}

/** No connection: the server was not reached or did not let us in, or the connection was lost. `cause` says what happened. */
export class PostgresConnectionError extends PostgresError {
  readonly code = 'POLVO_POSTGRES_CONNECTION'
}

/**
 * The connection was lost, or the time for it was over, after COMMIT was sent and before it was answered: nobody knows
 * whether the transaction happened. Look before you repeat it.
 */
export class CommitUnknownError extends PostgresError {
  readonly code = 'POLVO_POSTGRES_COMMIT_UNKNOWN'
}

/**
 * The body of a transaction ended well, but a statement in it had failed, so that the server could only roll it back. To go
 * on after a failed statement, run it in a nested transaction.
 */
export class TransactionAbortedError extends PostgresError {
  readonly code = 'POLVO_POSTGRES_TRANSACTION_ABORTED'
}

/** A task that holds a connection asked for another one of an exhausted pool, where it might wait for itself. */
export class NestedAcquireError extends PostgresError {
  readonly code = 'POLVO_POSTGRES_NESTED_ACQUIRE'
}

/** No connection became free within `acquireTimeout`. A TimeoutError, with the code of that class. */
export class PoolTimeoutError extends TimeoutError {}

/** Words for what the system, or pg, says of a connection. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server running?',
  ENOTFOUND: 'Check the name of the host.',
  EAI_AGAIN: 'The name server did not answer; try again.',
  ENOENT: 'There is no such socket: is the server running?',
  EACCES: 'The socket may not be opened by this user.',
  ECONNRESET: 'Try again, if what was asked may be repeated.',
  EPIPE: 'Try again, if what was asked may be repeated.',
}

/** The error for a connection that could not be made, or was lost. */
export function connectionError(what: string, cause: unknown): PostgresConnectionError {
  const code = String((cause as { code?: unknown } | null)?.code ?? '')
  const advice = ADVICE[code] ?? ''
  return new PostgresConnectionError(`${what}: ${reasonOf(cause)}. ${advice}`.trimEnd(), { cause })
}

/** What an error of the system says; one for several addresses has no message of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
}

/** @throws TypeError, RangeError unless `value` is a number of `min` or more */
export function checkNumber(name: string, value: number, min = 0): number {
  if (typeof value !== 'number') throw misuse(`${name} takes a number, and was given ${String(value)}.`)
  if (!(value >= min)) throw outOfRange(`${name} takes ${min} or more, and was given ${value}.`)
  return value
}
