/**
 * One connection to a server, which carries one exchange after the other. undici's Client does the talking:
 * it connects when it is given the first request, and again if the server hung up in between. Nothing else in
 * this package knows of undici, but for the codes of its errors.
 */
import type { Socket } from 'node:net'
import { buildConnector, Client } from 'undici'
import type { InLine } from '../line.ts'
import type { RequestInfo } from './errors.ts'
import type { HeaderList, RawHeaders } from './headers.ts'
import type { Content } from './request-body.ts'

/** What TLS connections are made with, as `tls.connect()` of Node takes it. */
export type TlsOptions = Pick<
  import('node:tls').ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'ciphers'
  | 'key'
  | 'maxVersion'
  | 'minVersion'
  | 'passphrase'
  | 'pfx'
  | 'rejectUnauthorized'
  | 'servername'
>

export interface ConnectionOptions {
  readonly tls: TlsOptions
  /** A Unix socket to connect to, whatever the URL's host says; null for none. */
  readonly socketPath: string | null
  /** Milliseconds; 0 is no keep-alive. */
  readonly keepAliveTimeout: number
}

/** How a connection is made to wait. */
export interface Controller {
  pause(): void
  resume(): void
}

/**
 * What wants a connection, and is carried by one: a request, and who hears of the response. The calls of a
 * connection come in the order they stand here, and may not throw.
 */
export interface Passenger extends RequestInfo, InLine<Passenger> {
  /** Where it goes: scheme, host and port. */
  readonly origin: string
  readonly request: { readonly method: string; readonly target: URL; readonly headers: HeaderList }
  readonly content: Content
  /** End it, whatever it is at. */
  abort(error: unknown): void
  /** @internal It is its turn: `connection` is its own until it gives it back. */
  _carriedBy(connection: Connection): void
  /** It is connected, and begins to send. */
  onRequestStart(controller: Controller): void
  /** The request was handed to the system whole. */
  onRequestSent(): void
  /** The head of a response has come; several times where some are informational. */
  onResponseStart(controller: Controller, status: number, headers: RawHeaders, reason?: string): void
  onResponseData(controller: Controller, chunk: Buffer): void
  onResponseEnd(): void
  /** In place of all that was to follow. */
  onResponseError(controller: Controller | null, cause: Error): void
}

/** Makes the connections of a session, which share their TLS sessions. */
export class Connector {
  readonly #connect: ReturnType<typeof buildConnector>
  readonly #options: Client.Options

  constructor({ tls, socketPath, keepAliveTimeout }: ConnectionOptions) {
    // The limits of time are the exchange's: undici's timers are too coarse for them, and its defaults not
    // ours.
    this.#connect = buildConnector({ ...tls, socketPath, allowH2: false, timeout: 0 })
    this.#options = {
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(keepAliveTimeout === 0
        ? { pipelining: 0 }
        : { pipelining: 1, keepAliveTimeout, keepAliveMaxTimeout: keepAliveTimeout }),
    }
  }

  /**
   * @param onIdleLoss called when the server, or the keep-alive limit, ends a connection that carries nothing
   */
  open(origin: string, onIdleLoss: (connection: Connection) => void): Connection {
    return new Connection(origin, this.#options, this.#connect, onIdleLoss)
  }
}

export class Connection {
  readonly origin: string
  /** What it carries; null while it waits for the next. */
  passenger: Passenger | null = null
  /** It has carried an exchange before: the server may have hung up in the meantime. */
  isUsed = false
  readonly #client: Client
  #socket: Socket | null = null

  /** @internal */
  constructor(
    origin: string,
    options: Client.Options,
    connect: ReturnType<typeof buildConnector>,
    onIdleLoss: (connection: Connection) => void,
  ) {
    this.origin = origin
    this.#client = new Client(origin, {
      ...options,
      // The connector returns its socket, though its type does not say so. Without it one could not hang up
      // while connecting.
      connect: (target, callback) => {
        this.#socket = connect(target, callback) as unknown as Socket
      },
    })
    this.#client.on('disconnect', () => {
      if (this.passenger === null && !this.#client.destroyed) onIdleLoss(this)
    })
  }

  /** Send the request of `passenger`, which hears of everything that follows. */
  carry(passenger: Passenger): void {
    const { target, method, headers } = passenger.request
    this.#client.dispatch(
      {
        path: target.pathname + target.search,
        method,
        headers: headers as string[],
        body: passenger.content as Buffer | null,
      },
      passenger,
    )
  }

  /**
   * Hang up, in whatever state it is. `onGone` is called when the socket is closed. A second call does
   * nothing.
   */
  destroy(onGone: () => void): void {
    if (this.#client.destroyed) return
    this.#client.destroy(nobodyListens)
    const socket = this.#socket
    if (socket === null || socket.closed) return onGone()
    socket.once('close', onGone)
    socket.destroy()
  }
}

function nobodyListens(): void {}
