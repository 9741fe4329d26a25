import { inspect } from 'node:util'
import { type Awaitable, type Coroutine, call, moveOnAfter } from 'polvo'
import type { WebSocketConnection } from '../websocket/connection.ts'
import type { CookieStore } from './cookies.ts'
import { ClientConnectionError, type RequestInfo } from './errors.ts'
import { watchUnclosed } from './forgotten.ts'
import { OpenSockets } from './open-sockets.ts'
import type { ConnectionPool, ConnectionStats } from './pool.ts'
import { Draft, type RequestOptions } from './request.ts'
import type { ClientResponse } from './response.ts'
import { request, type Sender } from './sending.ts'
import { type ClientSessionOptions, senderFrom } from './session-options.ts'
import { connectWebSocket, type WebSocketConnectOptions } from './web-socket.ts'

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
  readonly #sockets = new OpenSockets()

  /** @throws TypeError, RangeError for options that cannot be */
  constructor(options: ClientSessionOptions = {}) {
    this.#sender = senderFrom(options, this)
    watchUnclosed(this, this.#sender.pool, this.#sockets)
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

  /**
   * Open a websocket, and wait until the server has agreed. Cookies, headers, TLS and proxies are those of the
   * session; its limits of connections do not count websockets. Closing the session closes it with code 1001.
   * @throws WebSocketHandshakeError where the server did not agree; else as a request
   */
  wsConnect(url: string | URL, options: WebSocketConnectOptions = {}): Awaitable<WebSocketConnection> {
    return call(
      connectWebSocket,
      new Draft('GET', url, requestOptions(options)),
      options,
      this.#sender,
      this.#sockets,
    )
  }

  /** The cookies of the session; null where it keeps none. */
  get cookieJar(): CookieStore | null {
    return this.#sender.cookieJar
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
   * and websockets are closed, and what is under way has 250 ms to come to its end before it fails so as well.
   * Waits until every socket is closed; cancelling it aborts at once. A second call waits as well.
   */
  close(): Awaitable<void> {
    return call(close, this.#sender.pool, this.#sockets)
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

function* close(pool: ConnectionPool, sockets: OpenSockets): Coroutine {
  pool.shut(sessionClosed)
  sockets.goAway()
  try {
    yield* moveOnAfter(CLOSE_GRACE, () => quiet(pool, sockets))
  } finally {
    pool.abortAll(sessionClosed)
    sockets.abort()
  }
  yield* quiet(pool, sockets)
}

function* quiet(pool: ConnectionPool, sockets: OpenSockets): Coroutine {
  yield* pool.whenQuiet()
  yield* sockets.whenQuiet()
}

function sessionClosed(request: RequestInfo): ClientConnectionError {
  return new ClientConnectionError(
    request,
    'the session was closed while it was under way. Close it after its requests.',
  )
}

/** Those that a websocket is opened with like any request. */
function requestOptions({
  params,
  headers,
  cookies,
  auth,
  proxy,
  timeout,
}: WebSocketConnectOptions): RequestOptions {
  return { params, headers, cookies, auth, proxy, timeout }
}
