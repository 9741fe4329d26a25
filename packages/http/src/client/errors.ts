/**
 * Every error of the client. The class says what went wrong, `code` is stable, `method` and `url` name the
 * request (the URL without credentials), `cause` is the error underneath. Misuse is a TypeError or
 * RangeError, as everywhere in polvo, and a closed session or response an InvalidStateError.
 */

import { TimeoutError } from 'polvo'
import { misuse, outOfRange } from 'polvo/lowlevel'

/** Which request an error is about. */
export interface RequestInfo {
  /** Its method, such as 'GET'; after a redirect it may be another than was asked for. */
  readonly method: string
  /** Without credentials and fragment. */
  readonly url: string
}

/**
 * The base of what a request can fail with. `ClientTimeoutError` counts as one (`instanceof` says so), though
 * it inherits from polvo's TimeoutError.
 */
export abstract class ClientError extends Error implements RequestInfo {
  /** Tells the errors apart across versions: `POLVO_HTTP_…`, and that of polvo for a TimeoutError. */
  abstract readonly code: string
  readonly method: string
  readonly url: string

  constructor({ method, url }: RequestInfo, what: string, options?: ErrorOptions) {
    super(`${method} ${url}: ${what}`, options)
    this.method = method
    this.url = url
  }

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name
  }

  /** A ClientTimeoutError is a ClientError, though it does not inherit from it. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this === ClientError && value instanceof ClientTimeoutError) return true
    return Function.prototype[Symbol.hasInstance].call(this, value)
  }
}

/**
 * No answer: the server was not reached, its certificate was refused, it hung up before it answered, or the
 * session was closed meanwhile.
 */
export class ClientConnectionError extends ClientError {
  readonly code = 'POLVO_HTTP_CONNECTION'
}

/** What an error needs to know of the response it is about. */
export interface ResponseInfo extends RequestInfo {
  /** The status code, such as 404. */
  readonly status: number
  /** The words behind the status, such as 'Not Found'; '' where the server sent none. */
  readonly reason: string
  /** The headers of the response, as the web's `Headers`. */
  readonly headers: Headers
}

/**
 * The server answered with a status of 400 or more, and `raiseForStatus` was asked for. The body was dropped,
 * unless it was asked of the response itself.
 */
export class ClientResponseError extends ClientError {
  readonly code: string = 'POLVO_HTTP_STATUS'
  /** The status code, 400 or more; that of a redirect for TooManyRedirects. */
  readonly status: number
  /** The words behind the status, such as 'Not Found'; '' where the server sent none. */
  readonly reason: string
  /** The headers of the response. */
  readonly headers: Headers

  constructor(response: ResponseInfo, what = refusal(response)) {
    super(response, what)
    this.status = response.status
    this.reason = response.reason
    this.headers = response.headers
  }
}

function refusal({ status, reason }: ResponseInfo): string {
  const fault =
    status < 500 ? 'The request is at fault' : 'The server is at fault; it may help to try again later'
  return `the server answered ${`${status} ${reason}`.trimEnd()}. ${fault}.`
}

/**
 * The server redirected more often than `maxRedirects` allows. `status` and `headers` are those of the last
 * response.
 */
export class TooManyRedirects extends ClientResponseError {
  override readonly code = 'POLVO_HTTP_TOO_MANY_REDIRECTS'
  /** The URLs that were asked, the first one first. */
  readonly urls: readonly string[]

  constructor(response: ResponseInfo, urls: readonly string[]) {
    const count = urls.length - 1
    const last =
      urls[count] === urls[0] ? 'the redirects go in a circle' : 'raise maxRedirects if that is right'
    super(response, `redirected again after ${count} redirect${count === 1 ? '' : 's'}; ${last}.`)
    this.urls = urls
  }
}

/**
 * The body is not what it should be: cut short, badly encoded, not JSON; or one to send that a redirect wants
 * again and that cannot be sent twice.
 */
export class ClientPayloadError extends ClientError {
  readonly code = 'POLVO_HTTP_PAYLOAD'
}

/**
 * The URL cannot be asked: malformed, relative without a `baseUrl`, or of another scheme than http and https.
 */
export class InvalidUrl extends ClientError {
  readonly code = 'POLVO_HTTP_INVALID_URL'
}

/** The limits of a request; see `ClientTimeout`. */
export type TimeoutLimit = 'total' | 'connect' | 'read'

const SLOW = {
  total: 'the whole request, with its body, was not done',
  connect: 'no connection was there',
  read: 'nothing more arrived',
} as const

/**
 * A limit of `timeout` was over. It is a TimeoutError with that class's code, so that what handles
 * `timeout(…)` handles it too, and a ClientError to `instanceof`.
 */
export class ClientTimeoutError extends TimeoutError implements RequestInfo {
  /** Which limit it was. */
  readonly limit: TimeoutLimit
  readonly method: string
  readonly url: string

  constructor({ method, url }: RequestInfo, limit: TimeoutLimit, ms: number) {
    super(`${method} ${url}: ${SLOW[limit]} within ${ms} ms. Raise timeout.${limit}, or try again.`)
    this.limit = limit
    this.method = method
    this.url = url
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server running?',
  ENOTFOUND: 'Check the name of the host.',
  EAI_AGAIN: 'The name server did not answer; try again.',
  ENOENT: 'There is no such socket: is the server running?',
  ECONNRESET: 'Try again if the request may be repeated.',
  EPIPE: 'Try again if the request may be repeated.',
  UND_ERR_SOCKET: 'Try again if the request may be repeated.',
}

/** The codes of what cannot be sent. */
const REFUSED: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
])

/**
 * The error for what the connection, or the system below it, reports of a request.
 * @param isAnswered the head has come
 */
export function wireError(request: RequestInfo, cause: unknown, isAnswered: boolean): Error {
  const reason = reasonOf(cause)
  const code = String((cause as { code?: unknown } | null)?.code ?? '')
  if (REFUSED.has(code)) {
    return misuse(`${request.method} ${request.url}: the request cannot be sent: ${reason}.`, { cause })
  }
  if (isAnswered) {
    return new ClientPayloadError(
      request,
      `the body broke off before its end: ${reason}. Try again if the request may be repeated.`,
      { cause },
    )
  }
  const advice = ADVICE[code] ?? (isAboutTls(code) ? 'Check the certificate, or give tls: { ca }.' : '')
  return new ClientConnectionError(request, `${reason}. ${advice}`.trimEnd(), { cause })
}

function isAboutTls(code: string): boolean {
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)
}

/** What an error of the system says; one for several addresses has no message of its own. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
}

/** Give an error that was made in a callback of the network the stack of the code that waited for it. */
export function seenHere<T>(error: T): T {
  if (error instanceof ClientError) Error.captureStackTrace(error, seenHere)
  return error
}

/** @throws TypeError, RangeError unless `value` is a number of 0 or more */
export function checkCount(name: string, value: number): number {
  if (typeof value !== 'number') throw misuse(`${name} takes a number, and was given ${String(value)}.`)
  if (!(value >= 0)) throw outOfRange(`${name} takes 0 or more, and was given ${value}.`)
  return value
}
