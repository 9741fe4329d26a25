/**
 * Websockets on the server: an upgrade is answered by the route of its path, and its handler runs as a task, as for other requests. The
 * connection is closed when the handler ends: with 1000, with 1011 where it failed, with 1001 where the server stops.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Checked, ClosedResource, type Coroutine, call, isCancelled } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { type WebSocket, WebSocketServer } from 'ws'
import { WebSocketConnection } from '../websocket/connection.ts'
import { WebSocketClosed } from '../websocket/errors.ts'
import { HttpError } from './http-error.ts'
import type { PathParams } from './path-pattern.ts'
import type { HttpRequest } from './request.ts'
import { HttpResponse } from './response.ts'

/** What `app.websocket` takes beside path and handler. */
export interface WebSocketRouteOptions {
  /** What `urlFor` knows it by. */
  name?: string | undefined
  /** Subprotocols that are spoken here, the preferred one first; by default none. */
  protocols?: readonly string[] | undefined
  /** How many bytes a message may have before the connection is closed with 1009; by default 4 MiB. */
  maxMessageSize?: number | undefined
  /**
   * Which pages may connect, by the `origin` header that browsers send: a list, or a function. By default pages of the same host, and
   * whatever is no browser; `'*'` for all.
   */
  origins?: readonly string[] | '*' | ((origin: string, request: HttpRequest) => boolean) | undefined
  /** Compress messages (permessage-deflate), at some 300 KiB of memory for each connection; by default false. */
  compress?: boolean | undefined
  /** See `WebSocketOptions`; by default 20,000 milliseconds. */
  heartbeat?: number | null | undefined
  /** See `WebSocketOptions`. */
  closeTimeout?: number | undefined
}

/** Talks to one client over a websocket, in either spelling. */
export type WebSocketHandler<Path extends string = string, R = unknown> = (
  socket: WebSocketConnection,
  request: HttpRequest<PathParams<Path>>,
) => R & Checked<R>

/** A websocket route, as it was registered. */
export interface WebSocketRoute {
  readonly handler: (socket: WebSocketConnection, request: HttpRequest) => unknown
  readonly options: WebSocketRouteOptions
}

const MAX_MESSAGE = 4 * 1024 * 1024
const HEARTBEAT_MS = 20_000

/** Does the handshake, and runs the handlers, of one websocket route. */
export class WebSocketEndpoint {
  readonly #route: WebSocketRoute
  readonly #server: WebSocketServer

  constructor(route: WebSocketRoute) {
    this.#route = route
    const { maxMessageSize = MAX_MESSAGE, protocols = [], compress = false } = route.options
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: maxMessageSize,
      perMessageDeflate: compress,
      handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
    })
  }

  /** The origin of a page says where it comes from: others' pages are not to speak with the cookies of this one's users. */
  #check(request: HttpRequest): void {
    const { origins } = this.#route.options
    const origin = request.header('origin')
    if (origin === undefined || origins === '*') return
    const isAllowed =
      typeof origins === 'function'
        ? origins(origin, request)
        : origins === undefined
          ? URL.parse(origin)?.host === request.host
          : origins.includes(origin)
    if (!isAllowed) throw new HttpError(403, 'Pages of this origin may not connect.')
  }

  /** Shake hands, and talk until the handler ends. */
  *talk(request: HttpRequest): Coroutine<HttpResponse> {
    this.#check(request)
    const { running, outgoing, upgrade } = request._exchange
    if (upgrade === null)
      throw new HttpError(426, 'Ask by a websocket.', { headers: { upgrade: 'websocket' } })
    outgoing.detachSocket(upgrade.stream as Socket)
    const socket = this.#open(request.raw, upgrade)
    const response = new UpgradedResponse()
    if (socket === null) return response
    running.opened(socket)
    try {
      yield* call(this.#route.handler, socket, request)
      yield* socket.close()
    } catch (error) {
      if (socket.isClosed && (error instanceof WebSocketClosed || error instanceof ClosedResource))
        return response
      if (isCancelled(error)) throw error
      running.report(
        `Unhandled exception in the handler of the websocket ${request.url}, which was closed with 1011`,
        error,
      )
      yield* socket.close(1011)
    } finally {
      socket.abort()
      running.closed(socket)
    }
    return response
  }

  /** ws answers at once; null where it refuses. */
  #open(incoming: IncomingMessage, { stream, head }: Upgrade): WebSocketConnection | null {
    const { heartbeat = HEARTBEAT_MS, closeTimeout } = this.#route.options
    let connection: WebSocketConnection | null = null
    this.#server.handleUpgrade(incoming, stream, head, (socket: WebSocket) => {
      connection = new WebSocketConnection(socket, stream, {
        heartbeat: heartbeat ?? undefined,
        closeTimeout,
      })
    })
    return connection
  }
}

/** What is left of a request for another protocol: the bare connection, and what of that protocol has come already. */
export interface Upgrade {
  readonly stream: Duplex
  readonly head: Buffer
}

/** Stands for a response where the handshake was the answer: nothing more is to be sent. */
export class UpgradedResponse extends HttpResponse {
  constructor() {
    super(null)
  }
}

/** Whether a request asks for a websocket. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** @throws TypeError for options that cannot be */
export function checkWebSocketOptions({ protocols, maxMessageSize }: WebSocketRouteOptions): void {
  if (protocols !== undefined && !Array.isArray(protocols)) throw misuse('protocols takes a list of names.')
  if (maxMessageSize !== undefined && !(maxMessageSize > 0)) {
    throw misuse(`maxMessageSize takes bytes, more than 0; it was given ${maxMessageSize}.`)
  }
}
