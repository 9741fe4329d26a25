/**
 * Every error of the client. The class says what went wrong, `code` is stable, `cause` is the error underneath. Misuse is a
 * TypeError or RangeError, as everywhere in polvo, and a closed client an InvalidStateError. No message shows an argument beside
 * the name of a command: arguments are passwords and people's data.
 */
import { TimeoutError } from 'polvo'
import { misuse, outOfRange } from 'polvo/lowlevel'

/**
 * The base of what a command can fail with. `ResponseTimeoutError` and `LockTimeoutError` count as one (`instanceof` says so),
 * though they inherit from polvo's TimeoutError.
 */
export abstract class RedisError extends Error {
  /** Tells the errors apart across versions: `POLVO_REDIS_…`, and that of polvo for a TimeoutError. */
  abstract readonly code: string

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name
  }

  /** A ResponseTimeoutError is a RedisError, though it does not inherit from it. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this === RedisError && (value instanceof ResponseTimeoutError || value instanceof LockTimeoutError)) {
      return true
    }
    return Function.prototype[Symbol.hasInstance].call(this, value)
  }
}

/**
 * No answer: the server was not reached, it refused or closed the connection, or the client was closed meanwhile. Where
 * `mayHaveRun` is true the command had been sent, and nobody knows whether the server has carried it out.
 */
export class ConnectionError extends RedisError {
  readonly code = 'POLVO_REDIS_CONNECTION'
  /** Whether the command was on the wire when the connection was lost. */
  readonly mayHaveRun: boolean

  constructor(message: string, mayHaveRun: boolean, options?: ErrorOptions) {
    super(message, options)
    this.mayHaveRun = mayHaveRun
  }
}

/** The server has sent nothing for `responseTimeout` milliseconds, and the connection was given up. */
export class ResponseTimeoutError extends TimeoutError {
  /** Always true: the command had been sent, and nobody knows whether the server has carried it out. */
  readonly mayHaveRun = true
}

/** The lock was held by others for as long as `wait` allowed. */
export class LockTimeoutError extends TimeoutError {}

/** The server answered a command with an error. `prefix` is its first word, such as WRONGTYPE. */
export class ReplyError extends RedisError {
  readonly code: string = 'POLVO_REDIS_REPLY'
  /** The first word of the server's answer: ERR, WRONGTYPE, OOM, CROSSSLOT and so on. */
  readonly prefix: string
  /** The command, in lower case. */
  readonly command: string

  constructor(command: string, answer: string, advice = '', options?: ErrorOptions) {
    super(`${command}: the server answered '${answer}'.${advice === '' ? '' : ` ${advice}`}`, options)
    this.prefix = prefixOf(answer)
    this.command = command
  }
}

/** User name and password were refused, or none was given (WRONGPASS, NOAUTH). Trying again does not help. */
export class AuthenticationError extends ReplyError {
  override readonly code = 'POLVO_REDIS_AUTHENTICATION'
}

/** The user may not run this command, or touch this key (NOPERM). */
export class PermissionError extends ReplyError {
  override readonly code = 'POLVO_REDIS_PERMISSION'
}

/** The server does not know the script (NOSCRIPT). `runScript` sends the script then, and throws this never. */
export class NoScriptError extends ReplyError {
  override readonly code = 'POLVO_REDIS_NO_SCRIPT'
}

/** The server still reads its data from the disk (LOADING). Try again later. */
export class BusyLoadingError extends ReplyError {
  override readonly code = 'POLVO_REDIS_BUSY_LOADING'
}

/** The server is a replica and takes no writes (READONLY). With sentinels the next command goes to the new master. */
export class ReadOnlyError extends ReplyError {
  override readonly code = 'POLVO_REDIS_READ_ONLY'
}

/** A command of a transaction was refused when it was queued, and nothing of it was carried out (EXECABORT). */
export class ExecAbortError extends ReplyError {
  override readonly code = 'POLVO_REDIS_EXEC_ABORT'
}

/** Somebody changed a watched key: nothing of the transaction was carried out. `client.watch` runs its body again. */
export class WatchError extends RedisError {
  readonly code = 'POLVO_REDIS_WATCH'
}

/** The lock is somebody else's, or nobody's: its time was over before it was renewed or given back. */
export class LockNotOwnedError extends RedisError {
  readonly code = 'POLVO_REDIS_LOCK_NOT_OWNED'
}

type ReplyErrorClass = new (
  command: string,
  answer: string,
  advice?: string,
  options?: ErrorOptions,
) => ReplyError

const CLASSES: Readonly<Record<string, readonly [ReplyErrorClass, string]>> = {
  WRONGPASS: [AuthenticationError, 'Check username and password.'],
  NOAUTH: [AuthenticationError, 'Give the client a password.'],
  NOPERM: [PermissionError, ''],
  NOSCRIPT: [NoScriptError, 'Use runScript(), which sends the script where it is missing.'],
  LOADING: [BusyLoadingError, 'Try again later.'],
  READONLY: [ReadOnlyError, 'Connect to the master.'],
  EXECABORT: [ExecAbortError, ''],
  WRONGTYPE: [ReplyError, 'The key holds another kind of value than the command is for.'],
  CROSSSLOT: [ReplyError, 'Give the keys a common {tag}, so that they lie on one node.'],
}

function prefixOf(answer: string): string {
  return /^[A-Z]+(?=[ ]|$)/.exec(answer)?.[0] ?? 'ERR'
}

/** The error for what the server answered. */
export function replyError(command: string, cause: Error): ReplyError {
  const answer = cause.message
  const [Class, advice] = CLASSES[prefixOf(answer)] ?? [ReplyError, '']
  if (/^ERR (?:invalid password|AUTH )/.test(answer)) {
    return new AuthenticationError(command, answer, 'Check username and password.', { cause })
  }
  return new Class(command, answer, advice, { cause })
}

const HUNG_UP = 'It hung up at once: has it more clients than its maxclients, or is TLS on one side only?'

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server running?',
  ENOTFOUND: 'Check the name of the host.',
  EAI_AGAIN: 'The name server did not answer; try again.',
  ENOENT: 'There is no such socket: is the server running?',
  ECONNRESET: HUNG_UP,
  EPIPE: HUNG_UP,
  ETIMEDOUT: 'Raise connectTimeout, or check the network.',
}

/** The error of commands that wait for a connection which cannot be had. */
export function connectError(address: string, cause: unknown): RedisError {
  const reason = reasonOf(cause)
  if (isReply(cause)) {
    const error = replyError('connect', cause)
    if (error instanceof AuthenticationError) return error
  }
  const advice = /max number of clients/.test(reason)
    ? 'Raise maxclients of the server, or make fewer connections.'
    : (ADVICE[codeOf(cause)] ??
      (isAboutTls(codeOf(cause)) ? 'Check the certificate, or give tls: { ca }.' : ''))
  return new ConnectionError(`${address}: no connection: ${reason}. ${advice}`.trimEnd(), false, { cause })
}

function isAboutTls(code: string): boolean {
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)
}

/** Whether trying again does not help, and the sooner the program hears of it the better. */
export function isFinal(error: RedisError): boolean {
  const code = codeOf(error.cause)
  return error instanceof AuthenticationError || code === 'ENOTFOUND' || isAboutTls(code)
}

/** The error of a command that was on the wire. */
export function lostError(address: string, command: string, cause: unknown): RedisError | TimeoutError {
  const reason = reasonOf(cause)
  if (/^Socket timeout/.test(reason)) {
    const what = `${address}: no answer to ${command} within responseTimeout; it may have been carried out or not.`
    return Object.assign(new ResponseTimeoutError(what), { cause })
  }
  const what = `${address}: the connection was lost before the answer to ${command}: ${reason}. `
  const advice = 'It may have been carried out or not; try again where that does no harm.'
  return new ConnectionError(what + advice, true, { cause })
}

/** Whether `error` is what a server answered, as the driver gives it. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

function codeOf(cause: unknown): string {
  return String((cause as { code?: unknown } | null)?.code ?? '')
}

/** What an error of the system says; one for several addresses has no message of its own. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
}

/** @throws TypeError, RangeError unless `value` is a number of 0 or more */
export function checkCount(name: string, value: unknown): number {
  if (typeof value !== 'number') throw misuse(`${name} takes a number, and was given ${String(value)}.`)
  if (!(value >= 0)) throw outOfRange(`${name} takes 0 or more, and was given ${value}.`)
  return value
}
