/**
 * One connection to a server, which carries one exchange after the other. undici's Client does the talking:
 * it connects when it is given the first request, and again if the server hung up in between. But for the
 * connector, and the codes of errors, nothing else in this package knows of undici.
 */
import type { Socket } from 'node:net'
import { Client } from 'undici'
import type { InLine } from '../line.ts'
import type { Connector } from './connector.ts'
import type { RequestInfo } from './errors.ts'
import { type HeaderList, hasHeader, type RawHeaders } from './headers.ts'
import type { Content } from './request-body.ts'
import type { Route } from './route.ts'

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
  readonly route: Route
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

export interface ConnectionOptions {
  /** Milliseconds; 0 is no keep-alive. */
  readonly keepAliveTimeout: number
  /** Bytes; undefined is Node's own limit. */
  readonly maxHeaderSize: number | undefined
}

/** Makes the connections of a pool. */
export class Connections {
  readonly connector: Connector
  private readonly options: Client.Options

  constructor(connector: Connector, { keepAliveTimeout, maxHeaderSize }: ConnectionOptions) {
    this.connector = connector
    this.options = {
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(maxHeaderSize === undefined ? {} : { maxHeaderSize }),
      ...(keepAliveTimeout === 0
        ? { pipelining: 0 }
        : { pipelining: 1, keepAliveTimeout, keepAliveMaxTimeout: keepAliveTimeout }),
    }
  }

  /**
   * @param onIdleLoss called when the server, or the keep-alive limit, ends a connection that carries nothing
   */
  open(route: Route, onIdleLoss: (connection: Connection) => void): Connection {
    return new Connection(route, this.options, this.connector, onIdleLoss)
  }
}

export class Connection {
  readonly route: Route
  /** What it carries; null while it waits for the next. */
  passenger: Passenger | null = null
  /** It has carried an exchange before: the server may have hung up in the meantime. */
  isUsed = false
  readonly #client: Client
  #socket: Socket | null = null

  /** @internal */
  constructor(
    route: Route,
    options: Client.Options,
    connector: Connector,
    onIdleLoss: (connection: Connection) => void,
  ) {
    this.route = route
    const keep = (socket: Socket): void => {
      this.#socket = socket
      // Where it was given up while a proxy was being asked.
      if (this.#client.destroyed) socket.destroy()
    }
    this.#client = new Client(route.origin, {
      ...options,
      connect: (target, callback) => connector.open(route, target, keep, callback as never),
    })
    this.#client.on('disconnect', () => {
      if (this.passenger === null && !this.#client.destroyed) onIdleLoss(this)
    })
  }

  /** Send the request of `passenger`, which hears of everything that follows. */
  carry(passenger: Passenger): void {
    const { target, method, headers } = passenger.request
    const path = target.pathname + target.search
    const { isForwarded } = this.route
    this.#client.dispatch(
      {
        path: isForwarded ? target.origin + path : path,
        method,
        headers: (isForwarded ? this.forwarded(headers, target) : headers) as string[],
        body: passenger.content as Buffer | null,
      },
      passenger,
    )
  }

  /** For the proxy to pass on. */
  private forwarded(headers: HeaderList, { host }: URL): HeaderList {
    const list = hasHeader(headers, 'host') ? [...headers] : ['host', host, ...headers]
    const authorization = this.route.proxy?.authorization ?? null
    if (authorization !== null && !hasHeader(headers, 'proxy-authorization')) {
      list.push('proxy-authorization', authorization)
    }
    return list
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
