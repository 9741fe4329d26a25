/**
 * The inside of a websocket: what the `ws` socket calls back, and what becomes of those who wait.
 *
 * | state   | is true                                                | next            | moved by             |
 * |---------|--------------------------------------------------------|-----------------|----------------------|
 * | open    | messages go both ways                                  | the others      | `close`, errors, peer |
 * | closing | closed here; what comes is dropped; `closeTimeout` runs | closed         | peer, the time limit |
 * | broken  | the peer broke a rule or is silent; `closeTimeout` runs | closing, closed | `close`, the socket  |
 * | closed  | the socket is gone; what had come can be received      | –               | –                    |
 *
 * Its callbacks run outside any task's async context.
 */
import type { Duplex } from 'node:stream'
import { type Awaitable, ClosedResource, type Future } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import type { WebSocket } from 'ws'
import { Bell, done } from '../wake-up.ts'
import { closeCodeOf, WebSocketClosed, type WebSocketEnd } from './errors.ts'
import { type Beating, Heartbeat } from './heartbeat.ts'
import { MessageQueue, type MessageSource } from './message-queue.ts'
import { Outbox, type Sendable, type Sink } from './outbox.ts'

export interface WireTimes {
  /** Milliseconds between pings; null for none. */
  readonly heartbeat: number | null
  /** Milliseconds. */
  readonly closeTimeout: number
}

/** How many bytes wait to be sent before who sends has to. */
const HIGH_WATER = 65_536

const OPEN = 0
const CLOSING = 1
const BROKEN = 2
const CLOSED = 3

const NAMES = ['open', 'closing', 'broken', 'closed'] as const

export class Wire implements MessageSource, Sink, Beating {
  readonly queue: MessageQueue
  readonly outbox: Outbox
  /** Those who wait for a pong, by what it says. */
  readonly pings = new Map<string, Future<void>>()
  /** How it ended, or is about to; null while it is open. */
  ending: WebSocketEnd | null = null
  private readonly socket: WebSocket
  private readonly stream: Duplex & { readonly bytesRead?: number }
  private readonly closeTimeout: number
  private readonly gone = new Bell()
  private readonly heartbeat: Heartbeat | null
  private state: typeof OPEN | typeof CLOSING | typeof BROKEN | typeof CLOSED = OPEN
  /** Whether it was this side that ended it. */
  isClosedHere = false
  pingCount = 0
  private limit: NodeJS.Timeout | null = null

  constructor(socket: WebSocket, stream: Duplex, { heartbeat, closeTimeout }: WireTimes) {
    this.socket = socket
    this.stream = stream
    this.closeTimeout = closeTimeout
    this.queue = new MessageQueue(this)
    this.outbox = new Outbox(this)
    this.heartbeat = heartbeat === null ? null : new Heartbeat(this, heartbeat, heartbeat / 2)
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.queue.put(isBinary ? plain(data) : data.toString())
    })
    socket.on('pong', (data: Buffer) => this.onPong(data.toString()))
    socket.on('error', (error: Error) => this.onBroken(error))
    socket.on('close', (code: number, reason: Buffer) => this.onClosed(code, reason.toString()))
    // ws keeps errors of the connection to itself.
    stream.on('error', (error: Error) => this.onBroken(error))
  }

  get stateName(): (typeof NAMES)[number] {
    return NAMES[this.state]
  }

  get isOpen(): boolean {
    return this.state === OPEN && this.socket.readyState === this.socket.OPEN
  }

  get isGone(): boolean {
    return this.state === CLOSED
  }

  // ---------------------------------------------------------------- for those who send and receive

  /** Why there is nothing to receive or to send any more. */
  refusal(): Error {
    if (this.isClosedHere || this.ending === null) {
      return new ClosedResource('The websocket was closed here; nothing can be sent or received any more.')
    }
    return new WebSocketClosed(this.ending)
  }

  check(): void {
    if (this.state !== OPEN) throw this.refusal()
  }

  /** When the peer has said close and the end is not there yet, there is none: who sends waits for the end. */
  get hasRoom(): boolean {
    return this.isOpen && this.socket.bufferedAmount < HIGH_WATER
  }

  write(message: Sendable, onWritten: () => void): void {
    runDetached(sendOn, this.socket, message, onWritten)
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    runDetached(resume, this.socket)
  }

  // ---------------------------------------------------------------- signs of life

  get arrived(): number {
    return this.stream.bytesRead ?? 0
  }

  get isPaused(): boolean {
    return this.queue.isPaused
  }

  ping(data = ''): void {
    if (this.isOpen) runDetached(pingOn, this.socket, data)
  }

  onSilence(patience: number): void {
    this.onBroken(new Error(`nothing came from the peer within ${patience} ms of a ping`))
    this.socket.terminate()
  }

  private onPong(data: string): void {
    const waiting = this.pings.get(data)
    if (waiting !== undefined && !waiting.done()) waiting.setResult()
  }

  // ---------------------------------------------------------------- the end

  /** Nothing happens when it was closed here before. */
  close(closeCode: number, reason: string): void {
    if (this.isClosedHere || this.state === CLOSED) return
    this.isClosedHere = true
    this.enter(CLOSING)
    this.queue.drop()
    runDetached(closeOn, this.socket, closeCode, reason)
  }

  abort(): void {
    if (this.state === CLOSED) return
    this.isClosedHere = true
    this.enter(CLOSING)
    this.queue.drop()
    runDetached(terminate, this.socket)
  }

  whenGone(): Awaitable<void> {
    return this.isGone ? done(undefined) : this.gone.wait()
  }

  private onBroken(cause: Error): void {
    if (this.state !== OPEN) return
    this.ending = { closeCode: closeCodeOf(cause), reason: '', cause }
    this.enter(BROKEN)
  }

  private onClosed(closeCode: number, reason: string): void {
    this.ending ??= { closeCode, reason, cause: null }
    this.enter(CLOSED)
    this.heartbeat?.stop()
    if (this.limit !== null) clearTimeout(this.limit)
    this.gone.ring()
  }

  private enter(state: typeof CLOSING | typeof BROKEN | typeof CLOSED): void {
    this.state = state
    if (state !== CLOSED)
      this.limit ??= runDetached(() => setTimeout(terminate, this.closeTimeout, this.socket))
    this.queue.end()
    this.outbox.end()
    for (const waiting of this.pings.values()) if (!waiting.done()) waiting.setException(this.refusal())
  }
}

function sendOn(socket: WebSocket, message: Sendable, onWritten: () => void): void {
  socket.send(message, onWritten)
}

function pingOn(socket: WebSocket, data: string): void {
  socket.ping(data)
}

function resume(socket: WebSocket): void {
  socket.resume()
}

function closeOn(socket: WebSocket, closeCode: number, reason: string): void {
  socket.close(closeCode, reason)
}

function terminate(socket: WebSocket): void {
  socket.terminate()
}

/** A Buffer is a Uint8Array whose `slice` and `toString` do something else. */
function plain({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
