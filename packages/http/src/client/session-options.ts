/** What a session is made with, and what is made of it. */
import type { LookupFunction, Socket } from 'node:net'
import { misuse } from 'polvo/lowlevel'
import { authorizationOf, type BasicAuth } from './auth.ts'
import { Connections } from './connection.ts'
import { Connector, type TlsOptions } from './connector.ts'
import { CookieJar, type CookieStore, type Cookies, cookiePairs } from './cookies.ts'
import { DnsCache } from './dns-cache.ts'
import { checkCount } from './errors.ts'
import { GivenConnector } from './given-connector.ts'
import { type HeadersLike, headerList, withDefaults } from './headers.ts'
import { type ClientMiddleware, checkMiddlewares } from './middleware.ts'
import { ConnectionPool } from './pool.ts'
import { type RequestDefaults, standardHeaders } from './request.ts'
import { type RetryOption, retriesFrom } from './retries.ts'
import { EnvironmentProxies, type ProxyServer, proxyFrom } from './route.ts'
import type { Sender } from './sending.ts'
import { defaultTimeouts, MAX_MS, type TimeoutOption, timeoutsFrom } from './timeouts.ts'
import type { ClientTrace } from './tracing.ts'
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
  /**
   * Cookies to send with every request, beside those of the jar; with a `baseUrl`, to its origin alone. By
   * default none.
   */
  cookies?: Cookies | undefined
  /**
   * Where cookies of servers are kept; null keeps none. By default a CookieJar of its own, which refuses those
   * of servers that are addressed by number.
   */
  cookieJar?: CookieStore | null | undefined
  /** Name and password for every request; with a `baseUrl`, for its origin alone. By default none. */
  auth?: BasicAuth | undefined
  /** Code around each request, the first one outermost. By default none. */
  middlewares?: readonly ClientMiddleware[] | undefined
  /** How often to try, or when and how to try again; by default once. */
  retry?: RetryOption | undefined
  /** Milliseconds for a whole request, several limits, or null for none; by default `{ total: 300_000 }`. */
  timeout?: TimeoutOption | undefined
  /** Throw a ClientResponseError for a status of 400 or more; by default false. */
  raiseForStatus?: boolean | undefined
  /** How many redirects to follow before TooManyRedirects is thrown; by default 10. */
  maxRedirects?: number | undefined
  /** false: give compressed bodies as they were sent; by default true. */
  decompress?: boolean | undefined
  /** Makes the text for `json`; by default JSON.stringify. */
  serializeJson?: ((value: unknown) => string) | undefined
  /** Hooks that are told what becomes of each request. By default none. */
  trace?: ClientTrace | undefined
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
  /** How many bytes the head of a response may have; by default Node's 16 KiB. */
  maxHeaderSize?: number | undefined
  /** For https: certificates and the like, as for Node's `tls.connect()`. */
  tls?: TlsOptions | undefined
  /** A Unix socket to connect to, in place of the host of the URL; by default none. */
  socketPath?: string | undefined
  /** The http or https URL of a proxy for every request, with its credentials. By default none. */
  proxy?: string | URL | null | undefined
  /** Without `proxy`: take HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY of the environment. By default false. */
  trustEnv?: boolean | undefined
  /** How many milliseconds the address of a host is kept; by default 10,000, 0 for not at all. */
  dnsCacheTimeout?: number | undefined
  /** Finds the address of a host, in place of the system and the cache: as `dns.lookup` of Node. */
  lookup?: LookupFunction | undefined
  /** The address of this machine to connect from; by default the system's choice. */
  localAddress?: string | undefined
  /** 4 or 6: connect by that version of IP alone. By default both. */
  family?: 4 | 6 | undefined
  /**
   * Milliseconds to wait for one address of a host before the next one is tried ("happy eyeballs"); by default
   * Node's 250.
   */
  happyEyeballsDelay?: number | undefined
  /** @internal Gives a socket that is connected, in place of the network. */
  _connect?: (() => Socket) | undefined
}

/** @throws TypeError, RangeError for options that cannot be */
export function senderFrom(options: ClientSessionOptions, owner: object): Sender {
  const { cookieJar = new CookieJar(), trace = null, middlewares = [] } = options
  const connector = connectorFrom(options)
  const keepAliveTimeout = Math.min(
    checkCount('keepAliveTimeout', options.keepAliveTimeout ?? 15_000),
    MAX_MS,
  )
  const connections = new Connections(connector, { keepAliveTimeout, maxHeaderSize: options.maxHeaderSize })
  const pool = new ConnectionPool(connections, {
    limit: checkCount('limit', options.limit ?? 100) || Number.POSITIVE_INFINITY,
    limitPerHost: checkCount('limitPerHost', options.limitPerHost ?? 0) || Number.POSITIVE_INFINITY,
  })
  return {
    owner,
    pool,
    connector,
    defaults: defaultsFrom(options),
    cookieJar: checkJar(cookieJar),
    middlewares: checkMiddlewares(middlewares),
    proxies: proxiesFrom(options),
    retries: retriesFrom(options.retry, null),
    trace,
  }
}

function defaultsFrom(options: ClientSessionOptions): RequestDefaults {
  const { baseUrl, headers = {}, cookies = {}, auth } = options
  return {
    baseUrl: baseUrl === undefined ? null : baseFrom(baseUrl),
    headers: withDefaults(headerList(headers), standardHeaders),
    cookies: cookiePairs(cookies),
    authorization: auth === undefined ? null : authorizationOf(auth),
    serializeJson: options.serializeJson ?? JSON.stringify,
    timeouts: timeoutsFrom(options.timeout, defaultTimeouts),
    raiseForStatus: options.raiseForStatus ?? false,
    maxRedirects: checkCount('maxRedirects', options.maxRedirects ?? 10),
    decompress: options.decompress ?? true,
  }
}

function connectorFrom(options: ClientSessionOptions): Connector {
  const { tls = {}, socketPath = null, localAddress, family, happyEyeballsDelay } = options
  if (family !== undefined && family !== 4 && family !== 6) {
    throw misuse(`family takes 4 or 6, and was given ${String(family)}.`)
  }
  const ttl = checkCount('dnsCacheTimeout', options.dnsCacheTimeout ?? 10_000)
  const lookup = options.lookup ?? (ttl === 0 ? undefined : new DnsCache(ttl).lookup)
  if (options._connect !== undefined) return new GivenConnector(options._connect)
  return new Connector({ tls, socketPath, lookup, localAddress, family, happyEyeballsDelay })
}

function proxiesFrom(options: ClientSessionOptions): ProxyServer | EnvironmentProxies | null {
  const { proxy, socketPath, trustEnv = false } = options
  if (proxy === undefined || proxy === null)
    return trustEnv && proxy === undefined ? new EnvironmentProxies() : null
  if (socketPath !== undefined) throw misuse('A session goes through a proxy or a socketPath, not both.')
  return proxyFrom(proxy)
}

function checkJar(jar: CookieStore | null): CookieStore | null {
  if (jar === null) return null
  if (typeof jar?.cookieHeader === 'function' && typeof jar.setCookie === 'function') return jar
  throw misuse('cookieJar takes a CookieJar, an object with cookieHeader() and setCookie(), or null.')
}

function baseFrom(url: string | URL): URL {
  const base = URL.parse(String(url))
  if (base !== null && isHttp(base)) return base
  throw misuse(`baseUrl takes an absolute http or https URL, and was given ${JSON.stringify(show(url))}.`)
}
