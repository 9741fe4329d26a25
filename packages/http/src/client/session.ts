import { inspect } from 'node:util'
import { type Awaitable, type Coroutine, call, moveOnAfter } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { Connector, type TlsOptions } from './connection.ts'
import { ClientConnectionError, checkCount, type RequestInfo } from './errors.ts'
import { type HeadersLike, headerList, withDefaults } from './headers.ts'
import { ConnectionPool, type ConnectionStats } from './pool.ts'
import { Draft, type RequestDefaults, type RequestOptions, standardHeaders } from './request.ts'
import type { ClientResponse } from './response.ts'
import { request, type Sender } from './sending.ts'
import { defaultTimeouts, MAX_MS, type TimeoutOption, timeoutsFrom } from './timeouts.ts'
import { isHttp, show } from './url.ts'

/** What a session is made with; all of it may be left out. */
export interface ClientSessionOptions {
  /**
   * What relative URLs are relative to, as for `new URL(url, base)`: an absolute http or https URL. By default
   * there are none.
   */
  baseUrl?: string | URL | undefined
  /**
   * Sent with every request that does not set them itself. They replace the client's own: accept,
   * accept-encoding, user-agent.
   */
  headers?: HeadersLike | undefined
  /** Milliseconds for a whole request, several limits, or null for none; by default `{ total: 300_000 }`. */
  timeout?: TimeoutOption | undefined
  /** Throw a ClientResponseError for a status of 400 or more; by default false. */
  raiseForStatus?: boolean | undefined
  /** How many redirects to follow before TooManyRedirects is thrown; by default 10. */
  maxRedirects?: number | undefined
  /** false: give compressed bodies as they were sent; by default true. */
  decompress?: boolean | undefined
  /**
   * How many connections there may be at once; by default 100, 0 for any number. Requests wait in line for
   * one.
   */
  limit?: number | undefined
  /** How many of them to one scheme, host and port; by default 0, for any number. */
  limitPerHost?: number | undefined
  /**
   * How many milliseconds an unused connection is kept, unless the server wants less; by default 15,000, 0
   * for none.
   */
  keepAliveTimeout?: number | undefined
  /** For https: certificates and the like, as for Node's `tls.connect()`. */
  tls?: TlsOptions | undefined
  /** A Unix socket to connect to, in place of the host of the URL; by default none. */
  socketPath?: string | undefined
}

/** How long `close()` lets requests go on. */
const CLOSE_GRACE = 250

/**
 * A client with its pool of connections: one for a program, or for each service it talks to.
 *
 *     await using session = new ClientSession({ baseUrl: 'https://api.example.com/v1/' })
 *     const user = await use(session.get('users/7'), (response) => response.json())
 *
 * Each request method returns an operation that waits for the head of the response. Nothing is sent, and
 * nothing thrown, before it is awaited. It throws ClientConnectionError, ClientTimeoutError, InvalidUrl,
 * TooManyRedirects, with `raiseForStatus` ClientResponseError, for a body that a redirect wants again
 * ClientPayloadError, InvalidStateError once the session is closed, TypeError and RangeError for options that
 * cannot be. Cancelling it, or a read of the body, hangs up at once. A checkpoint.
 *
 * aiohttp's `ClientSession`.
 */
export class ClientSession implements AsyncDisposable {
  readonly #sender: Sender

  /** @throws TypeError, RangeError for options that cannot be */
  constructor(options: ClientSessionOptions = {}) {
    const { baseUrl, headers = {}, tls = {}, socketPath = null } = options
    const defaults: RequestDefaults = {
      baseUrl: baseUrl === undefined ? null : baseFrom(baseUrl),
      headers: withDefaults(headerList(headers), standardHeaders),
      timeouts: timeoutsFrom(options.timeout, defaultTimeouts),
      raiseForStatus: options.raiseForStatus ?? false,
      maxRedirects: checkCount('maxRedirects', options.maxRedirects ?? 10),
      decompress: options.decompress ?? true,
    }
    const keepAliveTimeout = Math.min(
      checkCount('keepAliveTimeout', options.keepAliveTimeout ?? 15_000),
      MAX_MS,
    )
    const pool = new ConnectionPool(new Connector({ tls, socketPath, keepAliveTimeout }), {
      limit: checkCount('limit', options.limit ?? 100) || Number.POSITIVE_INFINITY,
      limitPerHost: checkCount('limitPerHost', options.limitPerHost ?? 0) || Number.POSITIVE_INFINITY,
    })
    this.#sender = { pool, defaults }
  }

  /** A GET request. */
  get(url: string | URL, options?: RequestOptions): Awaitable<ClientResponse> {
    return this.request('GET', url, options)
  }

  /** A POST request. */
  post(url: string | URL, options?: RequestOptions): Awaitable<ClientResponse> {
    return this.request('POST', url, options)
  }

  /** A PUT request. */
  put(url: string | URL, options?: RequestOptions): Awaitable<ClientResponse> {
    return this.request('PUT', url, options)
  }

  /** A PATCH request. */
  patch(url: string | URL, options?: RequestOptions): Awaitable<ClientResponse> {
    return this.request('PATCH', url, options)
  }

  /** A DELETE request. */
  delete(url: string | URL, options?: RequestOptions): Awaitable<ClientResponse> {
    return this.request('DELETE', url, options)
  }

  /** A HEAD request. Does not follow redirects, unless `allowRedirects` says so. */
  head(url: string | URL, options: RequestOptions = {}): Awaitable<ClientResponse> {
    return this.request('HEAD', url, { ...options, allowRedirects: options.allowRedirects ?? false })
  }

  /** An OPTIONS request. */
  options(url: string | URL, options?: RequestOptions): Awaitable<ClientResponse> {
    return this.request('OPTIONS', url, options)
  }

  /** A request of any method, sent as it is written; `get`, `post` and the others are short for it. */
  request(method: string, url: string | URL, options: RequestOptions = {}): Awaitable<ClientResponse> {
    return call(request, new Draft(method, url, options), this.#sender)
  }

  // ---------------------------------------------------------------- the end

  /** Whether `close` was begun. */
  get closed(): boolean {
    return this.#sender.pool.isShut
  }

  /** A snapshot of the connections, for monitoring. */
  stats(): ConnectionStats {
    return this.#sender.pool.stats
  }

  /**
   * Close the session: requests that wait for a connection fail with ClientConnectionError, unused connections
   * are closed, and what is under way has 250 ms to come to its end before it fails so as well. Waits until
   * every socket is closed; cancelling it aborts at once. A second call waits as well.
   */
  close(): Awaitable<void> {
    return call(close, this.#sender.pool)
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.close()
  }

  toString(): string {
    const { connections, idle, waiting } = this.stats()
    const state = this.closed ? 'closed' : 'open'
    return `<ClientSession ${state} connections=${connections} idle=${idle} waiting=${waiting}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function* close(pool: ConnectionPool): Coroutine {
  pool.shut(sessionClosed)
  try {
    yield* moveOnAfter(CLOSE_GRACE, () => pool.whenQuiet())
  } finally {
    pool.abortAll(sessionClosed)
  }
  yield* pool.whenQuiet()
}

function sessionClosed(request: RequestInfo): ClientConnectionError {
  return new ClientConnectionError(
    request,
    'the session was closed while it was under way. Close it after its requests.',
  )
}

function baseFrom(url: string | URL): URL {
  const base = URL.parse(String(url))
  if (base !== null && isHttp(base)) return base
  throw misuse(`baseUrl takes an absolute http or https URL, and was given ${JSON.stringify(show(url))}.`)
}
