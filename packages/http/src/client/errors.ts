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
 * No answer: the server was not reached (`ClientConnectorError`), it hung up before it answered
 * (`ServerDisconnected`), or the session was closed meanwhile.
 */
export class ClientConnectionError extends ClientError {
  readonly code: string = 'POLVO_HTTP_CONNECTION'
}

/** No connection could be made. Nothing was sent, so the request may be tried again whatever it asks for. */
export class ClientConnectorError extends ClientConnectionError {
  override readonly code: string = 'POLVO_HTTP_CONNECT'
}

/** The name of the host was not found. */
export class ClientDnsError extends ClientConnectorError {
  override readonly code = 'POLVO_HTTP_DNS'
}

/** The server and this side found no way to talk TLS. */
export class ClientTlsError extends ClientConnectorError {
  override readonly code: string = 'POLVO_HTTP_TLS'
}

/** The certificate of the server was refused: unknown, out of date, for another host, not the pinned one. */
export class ClientCertificateError extends ClientTlsError {
  override readonly code = 'POLVO_HTTP_CERTIFICATE'
}

/** The proxy was not reached, or it would not make the connection. */
export class ClientProxyError extends ClientConnectorError {
  override readonly code = 'POLVO_HTTP_PROXY'
  /** What the proxy answered, such as 407; null where it did not. */
  readonly status: number | null

  constructor(request: RequestInfo, what: string, status: number | null, options?: ErrorOptions) {
    super(request, what, options)
    this.status = status
  }
}

/** The server hung up before it answered. Nobody knows whether it has done what was asked for. */
export class ServerDisconnected extends ClientConnectionError {
  override readonly code = 'POLVO_HTTP_DISCONNECTED'
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

  constructor(response: ResponseInfo, what = refusal(response), options?: ErrorOptions) {
    super(response, what, options)
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
  readonly code: string = 'POLVO_HTTP_PAYLOAD'
}

/** `response.json()` found another content-type than JSON. */
export class ContentTypeError extends ClientPayloadError {
  override readonly code = 'POLVO_HTTP_CONTENT_TYPE'
}

/** The server did not open the websocket. `status` and `headers` are those of its answer. */
export class WebSocketHandshakeError extends ClientResponseError {
  override readonly code = 'POLVO_HTTP_WEBSOCKET_HANDSHAKE'
}

/**
 * The URL cannot be asked: malformed, relative without a `baseUrl`, or of another scheme than http and https.
 */
export class InvalidUrl extends ClientError {
  readonly code = 'POLVO_HTTP_INVALID_URL'
}

/** The limits of a request; see `ClientTimeout`. */
export type TimeoutLimit = 'total' | 'connect' | 'socketConnect' | 'read'

const SLOW = {
  total: 'the whole request, with its body, was not done',
  connect: 'no connection was there',
  socketConnect: 'no connection could be made',
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
