/** A request from its draft to its response: through middlewares and the pool, along the redirects, and again. */
import { type Coroutine, InvalidStateError } from 'polvo'
import type { Connector } from './connector.ts'
import { type CookieStore, joinCookies, pairsOf } from './cookies.ts'
import { ClientResponseError, checkCount, TooManyRedirects } from './errors.ts'
import { Exchange } from './exchange.ts'
import { watchForgotten } from './forgotten.ts'
import { firstOut, type HeaderList, withoutHeaders } from './headers.ts'
import { type ClientMiddleware, sendThrough } from './middleware.ts'
import type { ConnectionPool } from './pool.ts'
import { locationOf, redirected } from './redirects.ts'
import { type Draft, OutgoingRequest, outgoingRequest, type RequestDefaults } from './request.ts'
import { ClientResponse } from './response.ts'
import { type Retries, retriesFrom, retrying } from './retries.ts'
import { EnvironmentProxies, type ProxyServer, proxyFrom, type Route, straight, through } from './route.ts'
import { type ClientTrace, Tracing } from './tracing.ts'

/** What of a session its requests need. */
export interface Sender {
  /** The session: it is not to be collected while a request is under way. */
  readonly owner: object
  readonly connector: Connector
  readonly pool: ConnectionPool
  readonly defaults: RequestDefaults
  /** Null for none: nothing is kept. */
  readonly cookieJar: CookieStore | null
  readonly middlewares: readonly ClientMiddleware[]
  readonly proxies: ProxyServer | EnvironmentProxies | null
  readonly retries: Retries | null
  readonly trace: ClientTrace | null
}

/** What one request needs on its way. */
interface Journey {
  readonly draft: Draft
  readonly sender: Sender
  readonly trace: Tracing | null
  readonly proxies: ProxyServer | EnvironmentProxies | null
}

/** Send `draft`, and return the response that no redirect follows. Its name is what reports show. */
export function* request(draft: Draft, sender: Sender): Coroutine<ClientResponse> {
  const { defaults } = sender
  const { raiseForStatus = defaults.raiseForStatus, proxy } = draft.options
  const retries = retriesFrom(draft.options.retry, sender.retries)
  const outgoing = outgoingRequest(draft, defaults)
  const trace = sender.trace === null ? null : new Tracing(sender.trace)
  const proxies = proxy === undefined ? sender.proxies : proxy === null ? null : proxyFrom(proxy)
  const journey: Journey = { draft, sender, trace, proxies }
  const way = retries === null ? follow(journey, outgoing) : again(journey, outgoing, retries)
  const response = yield* trace === null ? way : traced(trace, outgoing, way)
  if (raiseForStatus && !response.ok) throw refused(response)
  watch(response)
  return response
}

function* again(journey: Journey, outgoing: OutgoingRequest, retries: Retries): Coroutine<ClientResponse> {
  return yield* retrying(outgoing, retries, journey.trace, () => follow(journey, outgoing))
}

function* traced(
  trace: Tracing,
  outgoing: OutgoingRequest,
  way: Coroutine<ClientResponse>,
): Coroutine<ClientResponse> {
  trace.tell('onRequestStart', outgoing)
  try {
    const response = yield* way
    trace.tellAnswer('onRequestEnd', response, response.status)
    return response
  } catch (error) {
    trace.tellFailure(outgoing, error)
    throw error
  }
}

/** Along the redirects. */
function* follow(journey: Journey, first: OutgoingRequest): Coroutine<ClientResponse> {
  const { draft, sender, trace } = journey
  const { allowRedirects = true } = draft.options
  const maxRedirects = checkCount('maxRedirects', draft.options.maxRedirects ?? sender.defaults.maxRedirects)
  const { middlewares } = sender
  let outgoing = first
  let history = noHistory
  for (;;) {
    const hop =
      middlewares.length === 0
        ? send(journey, outgoing, history)
        : sendThrough(middlewares, outgoing, (changed) => sendWatched(journey, changed, history))
    const response: ClientResponse = yield* hop
    const location = allowRedirects ? locationOf(response._exchange) : null
    if (location === null) return response
    history = [...history, response]
    trace?.tellAnswer('onRequestRedirect', response, response.status)
    try {
      yield* response.release()
    } finally {
      response.close() // Where the release was cancelled.
    }
    if (history.length > maxRedirects) throw tooMany(history)
    outgoing = redirected(outgoing, response.status, location)
  }
}

const noHistory: readonly ClientResponse[] = []

/** To one server, and until it has answered. */
function* send(
  { draft, sender, trace, proxies }: Journey,
  outgoing: OutgoingRequest,
  history: readonly ClientResponse[],
): Coroutine<ClientResponse> {
  const { pool, cookieJar } = sender
  if (pool.isShut) throw new InvalidStateError(`${draft}: the session is closed; make a new one.`)
  const sent = withCookies(outgoing, cookieJar)
  const exchange = new Exchange(pool, sent, routeTo(outgoing.target, proxies), trace)
  yield* exchange.head()
  if (cookieJar !== null && exchange.headers['set-cookie'] !== undefined) keep(cookieJar, exchange)
  return new ClientResponse(exchange, history)
}

/** A middleware may forget the response. */
function* sendWatched(
  journey: Journey,
  outgoing: OutgoingRequest,
  history: readonly ClientResponse[],
): Coroutine<ClientResponse> {
  const response = yield* send(journey, outgoing, history)
  watch(response)
  return response
}

function watch(response: ClientResponse): void {
  const { _exchange: exchange } = response
  if (!exchange.isOver && !exchange.isWatched) watchForgotten(response, exchange)
}

export function routeTo(
  target: URL,
  proxies: ProxyServer | EnvironmentProxies | null,
  isWebSocket = false,
): Route {
  const { origin } = target
  if (proxies === null) return straight(origin)
  const proxy = proxies instanceof EnvironmentProxies ? proxies.for(target) : proxies
  return proxy === null
    ? straight(origin)
    : through(proxy, origin, isWebSocket || target.protocol === 'https:')
}

// ---------------------------------------------------------------- cookies

/** With the cookies of the jar, and its own, which come before them. */
export function withCookies(outgoing: OutgoingRequest, jar: CookieStore | null): OutgoingRequest {
  const kept = jar === null ? '' : jar.cookieHeader(outgoing.target)
  if (kept === '' && outgoing.cookies.length === 0) return outgoing
  const given = firstOut(outgoing.headers, 'cookie') ?? ''
  const cookie = joinCookies(pairsOf(kept), outgoing.cookies, pairsOf(given))
  const headers: HeaderList = [...withoutHeaders(outgoing.headers, COOKIE), 'cookie', cookie]
  return new OutgoingRequest({ ...outgoing, headers })
}

const COOKIE: ReadonlySet<string> = new Set(['cookie'])

export function keep(
  jar: CookieStore,
  { headers, request }: Pick<Exchange, 'headers'> & { readonly request: { readonly target: URL } },
): void {
  const cookies = headers['set-cookie']
  for (const cookie of Array.isArray(cookies) ? cookies : [cookies as string])
    jar.setCookie(cookie, request.target)
}

// ---------------------------------------------------------------- refusals

/** Nobody will see the response, so its body is dropped. */
function refused(response: ClientResponse): ClientResponseError {
  response.release()
  return new ClientResponseError(response)
}

function tooMany(history: readonly ClientResponse[]): TooManyRedirects {
  const urls = history.map(({ url }) => url)
  return new TooManyRedirects(history.at(-1) as ClientResponse, urls)
}
