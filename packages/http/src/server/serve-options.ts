/** What a server is started with, and the listener of node:http that comes of it. */
import { createServer, type Server as HttpListener, type ServerOptions as HttpOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { TlsOptions as NodeTlsOptions, SecureContextOptions } from 'node:tls'

/** Key, certificate and the like, as `tls.createServer` of Node takes them. */
export type HttpTlsOptions = SecureContextOptions &
  Pick<NodeTlsOptions, 'ALPNProtocols' | 'requestCert' | 'rejectUnauthorized' | 'SNICallback'>

/** What `serve` takes; all of it may be left out. Durations are in milliseconds. */
export interface ServeOptions {
  /** By default 8080; 0 for any that is free, `server.port` says which. */
  port?: number | undefined
  /** The address to listen on; by default `127.0.0.1`, so that only this machine reaches it. `0.0.0.0` or `::` for all. */
  host?: string | undefined
  /** A Unix socket to listen on, in place of host and port. */
  path?: string | undefined
  /** Speak HTTPS, with this key and certificate. */
  tls?: HttpTlsOptions | undefined
  /** How many connections may wait to be accepted; by default 511. The system may allow fewer. */
  backlog?: number | undefined
  /** Let several processes listen on the same port, where the system can; by default false. */
  reusePort?: boolean | undefined
  /** How long requests may go on when the server stops, before they are cancelled; by default 10,000, null for any time. */
  stopWithin?: number | null | undefined
  /** How long a connection is kept for the next request; by default 15,000. */
  keepAliveTimeout?: number | undefined
  /** How long a client may take to send the head of a request, before it gets a 408; by default 20,000. */
  headersTimeout?: number | undefined
  /** How long it may take to send all of a request, before it gets a 408; by default 300,000, 0 for any time. */
  requestTimeout?: number | undefined
  /** How many bytes the head of a request may have, before it is refused with 431; by default 16,384. */
  maxHeaderSize?: number | undefined
  /** How many connections there may be; more are closed at once. By default any number. */
  maxConnections?: number | undefined
  /** How many requests a connection may bring; the client is told to close it then, and more are a 503. By default 0, for any number. */
  maxRequestsPerConnection?: number | undefined
  /** @internal Do not listen: connections come by `_inject`. */
  isInMemory?: boolean | undefined
}

/** A listener with these limits, which does not listen yet. */
export function listenerFor(options: ServeOptions): HttpListener {
  const { headersTimeout = 20_000, requestTimeout = 300_000, maxConnections } = options
  const http: HttpOptions = {
    headersTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.max(100, Math.min(5_000, headersTimeout / 2)),
    keepAliveTimeout: options.keepAliveTimeout ?? 15_000,
    maxHeaderSize: options.maxHeaderSize ?? 16_384,
    noDelay: true,
  }
  const listener =
    options.tls === undefined ? createServer(http) : createTlsServer({ ...http, ...options.tls })
  if (maxConnections !== undefined) listener.maxConnections = maxConnections
  listener.maxRequestsPerSocket = options.maxRequestsPerConnection ?? 0
  return listener
}
