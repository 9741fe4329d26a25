/** Opening a websocket: a socket of the session's connector, and the handshake of `ws` on it. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type Coroutine, Future, InvalidStateError } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import { WebSocket } from 'ws'
import { WebSocketConnection, type WebSocketOptions } from '../websocket/connection.ts'
import {
  ClientConnectionError,
  ClientTimeoutError,
  checkCount,
  type RequestInfo,
  seenHere,
  type TimeoutLimit,
  WebSocketHandshakeError,
} from './errors.ts'
import { type HeaderList, type RawHeaders, toWebHeaders } from './headers.ts'
import { type Limited, Limits } from './limits.ts'
import type { OpenSocket, OpenSockets } from './open-sockets.ts'
import { Draft, type OutgoingRequest, outgoingRequest, type RequestOptions } from './request.ts'
import { proxyFrom } from './route.ts'
import { keep, routeTo, type Sender, withCookies } from './sending.ts'
import { wireError } from './wire-error.ts'

/** How a websocket is opened, and how it behaves then. */
export interface WebSocketConnectOptions
  extends WebSocketOptions,
    Pick<RequestOptions, 'params' | 'headers' | 'cookies' | 'auth' | 'proxy' | 'timeout'> {
  /** The subprotocols to offer, the best one first; by default none. */
  protocols?: readonly string[] | undefined
  /** How many bytes a message may have, decompressed; a longer one ends it with 1009. By default 4 MiB. */
  maxMessageSize?: number | undefined
  /** Offer to compress messages (permessage-deflate); by default false. */
  compress?: boolean | undefined
}

const MAX_MESSAGE_SIZE = 4 * 1024 * 1024

export function* connectWebSocket(
  draft: Draft,
  options: WebSocketConnectOptions,
  sender: Sender,
  sockets: OpenSockets,
): Coroutine<WebSocketConnection> {
  if (sender.pool.isShut) throw new InvalidStateError(`${draft}: the session is closed; make a new one.`)
  const plain = new Draft('GET', asHttp(draft.url), draft.options)
  const outgoing = withCookies(outgoingRequest(plain, sender.defaults), sender.cookieJar)
  const handshake = new Handshake(outgoing, options, sender, sockets)
  let isHandedOut = false
  try {
    runDetached(() => handshake.begin())
    const connection = yield* handshake.opened
    isHandedOut = true
    return connection
  } catch (error) {
    throw seenHere(error)
  } finally {
    if (!isHandedOut) handshake.abort()
  }
}

/** What does not parse is refused with all else. */
function asHttp(url: string | URL): string {
  return String(url).replace(/^\s*ws(s?):/i, 'http$1:')
}

/** From the connection to the server's answer. Its callbacks run outside any task's async context. */
class Handshake implements OpenSocket, Limited, RequestInfo {
  readonly opened = new Future<WebSocketConnection>()
  readonly method = 'GET'
  private readonly outgoing: OutgoingRequest
  private readonly options: WebSocketConnectOptions
  private readonly sender: Sender
  private readonly sockets: OpenSockets
  private readonly limits = new Limits(this)
  private readonly maxPayload: number
  private stream: Socket | null = null
  private isOver = false

  constructor(
    outgoing: OutgoingRequest,
    options: WebSocketConnectOptions,
    sender: Sender,
    sockets: OpenSockets,
  ) {
    this.outgoing = outgoing
    this.options = options
    this.sender = sender
    this.sockets = sockets
    this.maxPayload = checkCount('maxMessageSize', options.maxMessageSize ?? MAX_MESSAGE_SIZE)
  }

  get url(): string {
    return this.outgoing.url
  }

  begin(): void {
    const { target, timeouts, deadline } = this.outgoing
    const { proxy } = this.options
    const proxies = proxy === undefined ? this.sender.proxies : proxy === null ? null : proxyFrom(proxy)
    this.sockets.add(this)
    this.limits.begin(deadline)
    if (timeouts.connect !== null) this.limits.beginPhase('connect', timeouts.connect)
    if (timeouts.socketConnect !== null) this.limits.beginSocket(timeouts.socketConnect)
    const { protocol, host, hostname, port } = target
    this.sender.connector.open(
      routeTo(target, proxies, true),
      { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port },
      (socket) => this.onSocket(socket),
      (error, socket) => {
        if (socket !== null) this.shake(socket)
        else this.fail(wireError(this, error, 'connecting'))
      },
    )
  }

  private onSocket(socket: Socket): void {
    this.stream = socket
    if (this.isOver) socket.destroy()
  }

  private shake(stream: Socket): void {
    if (this.isOver) return void stream.destroy()
    this.limits.endPhase()
    this.limits.endSocket()
    const { read } = this.outgoing.timeouts
    if (read !== null) this.limits.beginPhase('read', read)
    const { compress = false, protocols = [] } = this.options
    let socket: WebSocket
    try {
      socket = new WebSocket(this.outgoing.target.href.replace(/^http/, 'ws'), [...protocols], {
        createConnection: () => stream,
        headers: headersFor(this.outgoing.headers),
        maxPayload: this.maxPayload,
        perMessageDeflate: compress,
      })
    } catch (error) {
      return this.fail(error)
    }
    // One that comes from a proxy is paused, and the handshake begins to read it in the next tick.
    setImmediate(() => stream.resume())
    socket.on('upgrade', (response) => this.keepCookies(response))
    socket.on('open', () => this.open(socket, stream))
    socket.on('unexpected-response', (_, response) => this.onRefusal(response))
    socket.on('error', (error) => this.onError(error))
  }

  private open(socket: WebSocket, stream: Socket): void {
    if (this.isOver) return socket.terminate()
    const connection = new WebSocketConnection(socket, stream, this.options)
    const open: OpenSocket = { goAway: () => connection._goAway(), abort: () => connection.abort() }
    this.sockets.add(open)
    stream.once('close', () => this.sockets.delete(open))
    if (this.opened.done()) return connection.abort()
    this.end()
    this.opened.setResult(connection)
  }

  private keepCookies({ headers }: IncomingMessage): void {
    const { cookieJar } = this.sender
    if (cookieJar !== null && headers['set-cookie'] !== undefined) {
      keep(cookieJar, { headers: headers as RawHeaders, request: this.outgoing })
    }
  }

  private onRefusal(response: IncomingMessage): void {
    this.keepCookies(response)
    const { statusCode: status = 0, statusMessage: reason = '', headers: raw } = response
    const headers = toWebHeaders(raw as RawHeaders)
    const location = headers.get('location')
    const advice = location === null ? 'Is there a websocket at that URL?' : `Ask ${location} instead.`
    const what = `the server answered ${`${status} ${reason}`.trimEnd()}, and opened no websocket. ${advice}`
    this.fail(new WebSocketHandshakeError({ method: 'GET', url: this.url, status, reason, headers }, what))
  }

  private onError(error: Error): void {
    const isAnswer = !('code' in error)
    this.fail(
      isAnswer
        ? new WebSocketHandshakeError(
            { method: 'GET', url: this.url, status: 101, reason: '', headers: new Headers() },
            `the handshake failed: ${error.message}.`,
            { cause: error },
          )
        : wireError(this, error, 'sent'),
    )
  }

  /** @internal */
  _expired(limit: TimeoutLimit | 'release'): void {
    const name = limit as TimeoutLimit
    this.fail(new ClientTimeoutError(this, name, this.outgoing.timeouts[name] as number))
  }

  goAway(): void {
    const what = 'the session was closed while it was under way. Close it after its requests.'
    this.fail(new ClientConnectionError(this, what))
  }

  /** Nobody waits for it any more. */
  abort(): void {
    this.end()
    this.stream?.destroy()
  }

  private fail(error: unknown): void {
    if (this.isOver) return
    this.abort()
    if (!this.opened.done()) this.opened.setException(error as Error)
  }

  private end(): void {
    this.isOver = true
    this.limits.end()
    this.sockets.delete(this)
  }
}

/** Those that are for bodies say nothing here. */
function headersFor(list: HeaderList): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string
    const value = list[i + 1] as string
    if (name === 'accept-encoding') continue
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}
