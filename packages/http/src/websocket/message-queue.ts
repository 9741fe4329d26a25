/**
 * Messages between the socket and those who receive them: in the order they came, first come, first served.
 * When more has come than fits, the socket is paused, so that the peer has to wait.
 *
 * Invariant: who stands in line waits while there is no message that is not promised. A receiver that was
 * woken is promised one; cancelled before it took it, it passes the promise on, so that no message is lost.
 */
import { Operation } from 'polvo/lowlevel'
import { type InLine, Line } from '../line.ts'

/** What is sent in one piece: text, or bytes. */
export type WebSocketMessage = string | Uint8Array

/** What the queue needs of the connection. */
export interface MessageSource {
  pause(): void
  resume(): void
}

/** How much waits for a receiver before the peer has to; a message counts for its length and 64. */
const HIGH_WATER = 65_536
const OVERHEAD = 64

export class MessageQueue {
  private readonly source: MessageSource
  private readonly messages: WebSocketMessage[] = []
  private readonly line = new Line<Receive<unknown>>()
  private size = 0
  private promised = 0
  private hasEnded = false
  isPaused = false

  constructor(source: MessageSource) {
    this.source = source
  }

  /** A message has come. */
  put(message: WebSocketMessage): void {
    if (this.hasEnded) return
    this.messages.push(message)
    this.size += message.length + OVERHEAD
    if (this.size >= HIGH_WATER && !this.isPaused) {
      this.isPaused = true
      this.source.pause()
    }
    this.promiseNext()
  }

  /** Nothing more will come; what is there can still be taken. */
  end(): void {
    this.hasEnded = true
    for (let first = this.line.first; first !== null; first = this.line.first) this.wake(first)
  }

  /** As `end`, and what is there is dropped. */
  drop(): void {
    this.messages.length = this.size = 0
    this.flow()
    this.end()
  }

  /** @internal The next message; null where the receiver has to wait. Nothing more comes when `_isOver`. */
  _poll(receive: Receive<unknown>): WebSocketMessage | null {
    this.endPromise(receive)
    if (this.messages.length <= this.promised) return null
    const message = this.messages.shift() as WebSocketMessage
    this.size -= message.length + OVERHEAD
    if (this.size < HIGH_WATER) this.flow()
    return message
  }

  /** @internal */
  get _isOver(): boolean {
    return this.hasEnded
  }

  /** @internal */
  _join(receive: Receive<unknown>): void {
    this.line.join(receive)
  }

  /** @internal It was cancelled in line. */
  _leave(receive: Receive<unknown>): void {
    this.line.leave(receive)
  }

  /** @internal It was promised a message, and was cancelled. */
  _handBack(receive: Receive<unknown>): void {
    this.endPromise(receive)
    this.promiseNext()
  }

  private promiseNext(): void {
    const { first } = this.line
    if (first === null || this.messages.length <= this.promised) return
    first._isPromised = true
    this.promised++
    this.wake(first)
  }

  private endPromise(receive: Receive<unknown>): void {
    if (!receive._isPromised) return
    receive._isPromised = false
    this.promised--
  }

  private wake(receive: Receive<unknown>): void {
    this.line.leave(receive)
    receive._wakeUp()
  }

  private flow(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.source.resume()
  }
}

/** What a receiver makes of a message, and of the end. Both may throw. */
export interface Reception<T> {
  readonly name: string
  take(message: WebSocketMessage): T
  end(): T
}

/** Waiting for the next message. */
export class Receive<T> extends Operation<T> implements InLine<Receive<unknown>> {
  /** @internal */
  _ahead: Receive<unknown> | null = null
  /** @internal */
  _behind: Receive<unknown> | null = null
  /** @internal A message is kept for it. */
  _isPromised = false
  private readonly queue: MessageQueue
  private readonly reception: Reception<T>

  constructor(queue: MessageQueue, reception: Reception<T>) {
    super()
    this.queue = queue
    this.reception = reception
  }

  override _describe(): string {
    return `${this.reception.name}()`
  }

  protected override _begin(): boolean {
    const message = this.queue._poll(this)
    if (message !== null) this._value = this.reception.take(message)
    else if (this.queue._isOver) this._value = this.reception.end()
    else {
      this.queue._join(this)
      return false
    }
    return true
  }

  protected override _resume(): boolean {
    return this._begin()
  }

  protected override _withdraw(): void {
    this.queue._leave(this)
  }

  protected override _handBack(): void {
    this.queue._handBack(this)
  }
}
