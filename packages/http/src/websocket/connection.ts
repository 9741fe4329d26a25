import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { type Awaitable, type Coroutine, call, Future } from 'polvo'
import { misuse, outOfRange } from 'polvo/lowlevel'
import type { WebSocket } from 'ws'
import { isOrdinaryEnd } from './errors.ts'
import { Receive, type Reception, type WebSocketMessage } from './message-queue.ts'
import { Send, type Sendable } from './outbox.ts'
import { asBytes, asIs, asItem, asJson, asText, jsonOf } from './receptions.ts'
import { Wire } from './wire.ts'

/** How a websocket behaves, on either side. */
export interface WebSocketOptions {
  /**
   * Milliseconds between pings. A peer from which nothing has come within half of that after one is given up,
   * with close code 1006; while messages wait to be received, it is not judged. By default there are none.
   */
  heartbeat?: number | undefined
  /** How many milliseconds `close()` waits for the peer before it hangs up; by default 10,000. */
  closeTimeout?: number | undefined
}

/**
 * A websocket that is open: messages of text or bytes, both ways.
 *
 *     await use(session.wsConnect('wss://example.com/chat'), async (socket) => {
 *       await socket.send('hello')
 *       for await (const message of socket) console.log(message)
 *     })
 *
 * Messages wait until they are received; when there are too many (64 KiB), the peer has to wait. Several tasks
 * may send and receive, and are served in their order. A cancelled receive loses no message, a cancelled send
 * was not sent. Pings are answered by themselves, as long as messages are received.
 *
 * aiohttp's `ClientWebSocketResponse` and `WebSocketResponse`.
 */
export class WebSocketConnection implements AsyncDisposable {
  readonly #wire: Wire
  readonly #socket: WebSocket
  readonly #receptions: Receptions

  /**
   * @internal
   * @param socket opened in this very turn: from now on its messages are heard
   * @param stream what it runs on
   */
  constructor(socket: WebSocket, stream: Duplex, options: WebSocketOptions = {}) {
    const wire = new Wire(socket, stream, {
      heartbeat: checkMs('heartbeat', options.heartbeat) ?? null,
      closeTimeout: checkMs('closeTimeout', options.closeTimeout) ?? 10_000,
    })
    this.#wire = wire
    this.#socket = socket
    this.#receptions = receptionsOf(wire)
  }

  /** The subprotocol that was agreed on; '' where there is none. */
  get protocol(): string {
    return this.#socket.protocol
  }

  // ---------------------------------------------------------------- receiving

  /**
   * The next message: a string, or bytes. A checkpoint only where none is there. Cancelled: none was taken.
   * @throws WebSocketClosed when the connection has ended, and what came before has been received;
   *   ClosedResource once it was closed here
   */
  receive(): Awaitable<WebSocketMessage> {
    return new Receive(this.#wire.queue, this.#receptions.receive)
  }

  /** The next message, which is text. @throws WebSocketMessageError where it is bytes; else as `receive` */
  receiveText(): Awaitable<string> {
    return new Receive(this.#wire.queue, this.#receptions.receiveText)
  }

  /** The next message, which is bytes. @throws WebSocketMessageError where it is text; else as `receive` */
  receiveBytes(): Awaitable<Uint8Array> {
    return new Receive(this.#wire.queue, this.#receptions.receiveBytes)
  }

  /** The next message, parsed. @throws WebSocketMessageError where it is no JSON; else as `receive` */
  receiveJson<T = unknown>(): Awaitable<T> {
    return new Receive(this.#wire.queue, this.#receptions.receiveJson as Reception<T>)
  }

  /**
   * The next message, or the end: for `for await` and `forEach`. Leaving the loop leaves the connection open.
   * @throws WebSocketClosed where the end is not an ordinary one: of none of the codes 1000, 1001, 1005
   */
  next(): Awaitable<IteratorResult<WebSocketMessage, undefined>> {
    return new Receive(this.#wire.queue, this.#receptions.next)
  }

  [Symbol.asyncIterator](): AsyncIterator<WebSocketMessage, undefined> {
    return {
      next: () => this.next() as PromiseLike<unknown> as Promise<IteratorResult<WebSocketMessage, undefined>>,
    }
  }

  // ---------------------------------------------------------------- sending

  /**
   * Send a message: a string as text, anything else as bytes. Waits while 64 KiB and more of earlier ones have
   * not left; it is done when this one was handed over, not when the peer has it. A checkpoint only where it
   * waits. Cancelled: it was not sent.
   * @throws TypeError for something else; WebSocketClosed when the connection has ended, ClosedResource once it
   *   was closed here
   */
  send(message: Sendable): Awaitable<void> {
    if (typeof message !== 'string' && !ArrayBuffer.isView(message) && !(message instanceof ArrayBuffer)) {
      throw misuse(`send() takes a string or bytes, and was given ${typeof message}; see sendJson().`)
    }
    return new Send(this.#wire.outbox, message)
  }

  /** Send `value` as JSON, in text. @throws TypeError where JSON cannot say it; else as `send` */
  sendJson(value: unknown): Awaitable<void> {
    return new Send(this.#wire.outbox, jsonOf(value))
  }

  /**
   * Ask the peer for a sign of life, and wait for it. Returns how many milliseconds that took. A checkpoint.
   * There is no limit of time but that of a `timeout` around it.
   * @throws as `send`
   */
  ping(): Awaitable<number> {
    return call(ping, this.#wire)
  }

  // ---------------------------------------------------------------- the end

  /**
   * Say goodbye, and wait until the peer has done so and the connection is gone; after `closeTimeout` hang up.
   * What was sent goes out before; what was not received is dropped. A second call waits as well. Cancelling it
   * hangs up at once.
   * @param closeCode 1000, or 3000 to 4999 for meanings of your own; by default 1000
   * @param reason at most 123 bytes of UTF-8; by default ''
   * @throws RangeError for a code or reason that cannot be sent
   */
  close(closeCode = 1000, reason = ''): Awaitable<void> {
    checkClose(closeCode, reason)
    return call(close, this.#wire, closeCode, reason)
  }

  /** @internal Begin to say goodbye, for whoever goes away. */
  _goAway(): void {
    this.#wire.close(1001, '')
  }

  /** Hang up without a word: the peer sees code 1006. Never suspends; a second call does nothing. */
  abort(): void {
    this.#wire.abort()
  }

  /** Wait until the connection is gone, whoever ends it. Returns its close code. A checkpoint until then. */
  waitClosed(): Awaitable<number> {
    return call(waitClosed, this.#wire)
  }

  /** Whether nothing can be sent any more. What had come before may be there to be received. */
  get isClosed(): boolean {
    return !this.#wire.isOpen
  }

  /** The close code of a connection that is gone, such as 1000; null before. */
  get closeCode(): number | null {
    return this.#wire.isGone ? (this.#wire.ending?.closeCode ?? null) : null
  }

  /** What the peer said when it closed; '' where it said nothing, and before. */
  get closeReason(): string {
    return this.#wire.ending?.reason ?? ''
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.close()
  }

  toString(): string {
    const code = this.closeCode === null ? '' : ` code=${this.closeCode}`
    return `<WebSocketConnection ${this.#wire.stateName}${code}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

type Receptions = ReturnType<typeof receptionsOf>

/** Made once for each connection, so that a receive makes one object. */
function receptionsOf(wire: Wire) {
  const end = (): never => {
    throw wire.refusal()
  }
  const endOfItems = (): IteratorResult<WebSocketMessage, undefined> => {
    if (wire.ending !== null && !wire.isClosedHere && !isOrdinaryEnd(wire.ending)) throw wire.refusal()
    return { done: true, value: undefined }
  }
  return {
    receive: { name: 'websocket.receive', take: asIs, end },
    receiveText: { name: 'websocket.receiveText', take: asText, end },
    receiveBytes: { name: 'websocket.receiveBytes', take: asBytes, end },
    receiveJson: { name: 'websocket.receiveJson', take: asJson<unknown>, end },
    next: { name: 'websocket.next', take: asItem, end: endOfItems },
  }
}

function* ping(wire: Wire): Coroutine<number> {
  wire.check()
  const begun = performance.now()
  const pong = new Future<void>()
  const data = `polvo-${wire.pingCount++}`
  wire.pings.set(data, pong)
  try {
    wire.ping(data)
    yield* pong
  } finally {
    wire.pings.delete(data)
  }
  return performance.now() - begun
}

function* close(wire: Wire, closeCode: number, reason: string): Coroutine {
  wire.close(closeCode, reason)
  try {
    yield* wire.whenGone()
  } finally {
    wire.abort() // Where it was cancelled.
  }
}

function* waitClosed(wire: Wire): Coroutine<number> {
  yield* wire.whenGone()
  return wire.ending?.closeCode ?? 1006
}

function checkMs(name: string, ms: number | undefined): number | undefined {
  if (ms === undefined) return undefined
  if (typeof ms !== 'number') throw misuse(`${name} takes milliseconds, and was given ${typeof ms}.`)
  if (!(ms > 0)) throw outOfRange(`${name} takes more than 0 milliseconds, and was given ${ms}.`)
  return Math.min(ms, 2 ** 31 - 1)
}

function checkClose(code: number, reason: string): void {
  const isOwn = code >= 3000 && code <= 4999
  const isKnown = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
  if (!Number.isInteger(code) || !(isOwn || isKnown)) {
    throw outOfRange(`close() takes 1000, or a code of your own from 3000 to 4999; it was given ${code}.`)
  }
  const { length } = Buffer.from(reason)
  if (length > 123)
    throw outOfRange(`The reason of close() has at most 123 bytes, and this one has ${length}.`)
}
