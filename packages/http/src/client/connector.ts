/**
 * Makes the sockets of a session: TCP, TLS, Unix, and those through proxies. undici's connector does the first
 * three, and keeps the TLS sessions for later.
 */
import type { LookupFunction, Socket } from 'node:net'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import type { ProxyServer, Route } from './route.ts'
import { askTunnel } from './tunnel.ts'
import { FingerprintMismatch, ProxyFailure } from './wire-error.ts'

/** What TLS connections are made with, as `tls.connect()` of Node takes it. */
export type TlsOptions = Pick<
  import('node:tls').ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'checkServerIdentity'
  | 'ciphers'
  | 'key'
  | 'maxVersion'
  | 'minVersion'
  | 'passphrase'
  | 'pfx'
  | 'rejectUnauthorized'
  | 'servername'
> & {
  /**
   * The SHA-256 fingerprint of the only certificate to accept, in hexadecimal, with colons or without. The
   * usual checks are made as well, unless `rejectUnauthorized` is false.
   */
  fingerprint?: string | undefined
}

export interface ConnectorOptions {
  readonly tls: TlsOptions
  /** A Unix socket to connect to, whatever the URL's host says; null for none. */
  readonly socketPath: string | null
  readonly lookup: LookupFunction | undefined
  readonly localAddress: string | undefined
  readonly family: 4 | 6 | undefined
  /** Milliseconds. */
  readonly happyEyeballsDelay: number | undefined
}

export type Target = buildConnector.Options
export type Connected = (error: Error | null, socket: Socket | null) => void

export class Connector {
  private readonly connect: ReturnType<typeof buildConnector>
  private readonly connectProxy: ReturnType<typeof buildConnector>
  private readonly fingerprint: string | null
  private readonly localAddress: string | null

  constructor(options: ConnectorOptions) {
    const { fingerprint, servername, ...tls } = options.tls
    const common = {
      ...tls,
      // The limits of time are the exchange's: undici's timers are too coarse for them, and its defaults not
      // ours.
      timeout: 0,
      allowH2: false,
      // A session that is resumed has no certificate to look at.
      ...(fingerprint === undefined ? {} : { maxCachedSessions: 0 }),
      ...given({
        lookup: options.lookup,
        family: options.family,
        autoSelectFamilyAttemptTimeout: options.happyEyeballsDelay,
      }),
    }
    this.connect = buildConnector({ ...common, ...given({ servername }), socketPath: options.socketPath })
    this.connectProxy = buildConnector(common)
    this.localAddress = options.localAddress ?? null
    this.fingerprint = fingerprint === undefined ? null : fingerprint.replaceAll(':', '').toLowerCase()
  }

  /**
   * Connect to `target` on `route`. `onSocket` is told each socket on the way, so that one can hang up at any
   * time: destroying the last one ends it.
   */
  open(
    { proxy, isForwarded }: Route,
    target: Target,
    onSocket: (socket: Socket) => void,
    done: Connected,
  ): void {
    if (proxy === null) this.connectServer(target, onSocket, done)
    else {
      this.openProxy(proxy, onSocket, (error, socket) => {
        if (socket === null) done(error, null)
        else if (isForwarded) done(null, socket)
        else this.openTunnel(proxy, socket, target, onSocket, done)
      })
    }
  }

  private connectServer(target: Target, onSocket: (socket: Socket) => void, done: Connected): void {
    const { localAddress } = this
    const socket = this.connect({ ...target, localAddress }, (error, connected) => {
      const failure = error ?? this.mismatch(target, connected as TLSSocket)
      if (failure !== null) connected?.destroy()
      done(failure, failure === null ? connected : null)
    })
    onSocket(socketOf(socket))
  }

  private openProxy(proxy: ProxyServer, onSocket: (socket: Socket) => void, done: Connected): void {
    const { protocol, hostname, host, port } = new URL(proxy.origin)
    const { localAddress } = this
    const target: Target = { protocol, hostname: bare(hostname), host, port, localAddress }
    const socket = this.connectProxy(target, (cause, connected) => {
      if (cause === null) return done(null, connected)
      done(
        new ProxyFailure(`the proxy ${proxy.origin} was not reached: ${cause.message}`, null, { cause }),
        null,
      )
    })
    onSocket(socketOf(socket))
  }

  private openTunnel(
    proxy: ProxyServer,
    socket: Socket,
    target: Target,
    onSocket: (socket: Socket) => void,
    done: Connected,
  ): void {
    const isSecure = target.protocol === 'https:'
    const port = target.port || (isSecure ? '443' : '80')
    const { hostname } = target
    askTunnel(socket, proxy, `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`, (failure) => {
      if (failure !== null) {
        socket.destroy()
        done(failure, null)
      } else if (isSecure) this.connectServer({ ...target, httpSocket: socket }, onSocket, done)
      else done(null, socket)
    })
  }

  private mismatch({ protocol }: Target, socket: TLSSocket): FingerprintMismatch | null {
    if (this.fingerprint === null || protocol !== 'https:') return null
    const { fingerprint256 = '' } = socket.getPeerCertificate() as Partial<PeerCertificate>
    const found = fingerprint256.replaceAll(':', '').toLowerCase()
    if (found === this.fingerprint) return null
    return new FingerprintMismatch(
      `the fingerprint of the server's certificate is ${found || 'unknown'}, and ${this.fingerprint} is pinned`,
    )
  }
}

/** undici's connector returns its socket, though its type does not say so. */
function socketOf(returned: unknown): Socket {
  return returned as Socket
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/** Without what is undefined: Node takes that for a value here and there. */
function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}
