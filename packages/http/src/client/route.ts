/** The way to a server: straight, or through a proxy. */
import { misuse } from 'polvo/lowlevel'
import { basicAuth, isHttp, show } from './url.ts'

export interface ProxyServer {
  /** Scheme, host and port. */
  readonly origin: string
  /** The value of a Proxy-Authorization header; null for none. */
  readonly authorization: string | null
}

export interface Route {
  /** What connections are kept under: two requests of the same key can use the same one. */
  readonly key: string
  /** The scheme, host and port that the connection speaks to. */
  readonly origin: string
  /** Null for a straight way. */
  readonly proxy: ProxyServer | null
  /** Requests are given to the proxy, which asks the server itself; else it only passes bytes on. */
  readonly isForwarded: boolean
}

export function straight(origin: string): Route {
  return { key: origin, origin, proxy: null, isForwarded: false }
}

/** @param isTunnel bytes are to be passed on, whatever they are: for TLS and for websockets */
export function through(proxy: ProxyServer, origin: string, isTunnel: boolean): Route {
  const name = `${proxy.origin} ${proxy.authorization ?? ''}`
  return isTunnel
    ? { key: `${origin} ${name}`, origin, proxy, isForwarded: false }
    : { key: name, origin: proxy.origin, proxy, isForwarded: true }
}

/** @throws TypeError */
export function proxyFrom(url: string | URL): ProxyServer {
  const parsed = URL.parse(String(url))
  if (parsed !== null && isHttp(parsed)) return { origin: parsed.origin, authorization: basicAuth(parsed) }
  throw misuse(
    `proxy takes the http or https URL of a proxy, or null, and was given ${JSON.stringify(show(url))}. ` +
      'Proxies that speak SOCKS are not supported.',
  )
}

/** The proxies that the environment of the process names, as curl and others read it. */
export class EnvironmentProxies {
  private readonly http: ProxyServer | null
  private readonly https: ProxyServer | null
  private readonly exceptions: readonly string[]

  constructor(env: Readonly<Record<string, string | undefined>> = process.env) {
    // HTTP_PROXY in capitals may come from a header of a CGI request.
    const http = env.http_proxy || (env.REQUEST_METHOD === undefined ? env.HTTP_PROXY : undefined)
    this.http = proxyOrNull(http || env.all_proxy || env.ALL_PROXY)
    this.https = proxyOrNull(env.https_proxy || env.HTTPS_PROXY || env.all_proxy || env.ALL_PROXY)
    const exceptions = env.no_proxy || env.NO_PROXY || ''
    this.exceptions = exceptions
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((name) => name !== '')
  }

  /** Null for a straight way. */
  for(target: URL): ProxyServer | null {
    const proxy = target.protocol === 'https:' ? this.https : this.http
    return proxy === null || this.exceptions.some((name) => isNamed(name, target)) ? null : proxy
  }
}

function proxyOrNull(url: string | undefined): ProxyServer | null {
  if (url === undefined || url === '') return null
  return proxyFrom(url.includes('://') ? url : `http://${url}`)
}

/** `example.com` and `.example.com` are that host and all below it; with a port it is that port alone. */
function isNamed(name: string, { hostname, port, protocol }: URL): boolean {
  if (name === '*') return true
  const [, host = '', at] = /^\*?\.?(\[.*\]|[^:]*)(?::(\d+))?$/.exec(name) ?? []
  if (at !== undefined && at !== (port || (protocol === 'https:' ? '443' : '80'))) return false
  return host !== '' && (hostname === host || hostname.endsWith(`.${host}`))
}
