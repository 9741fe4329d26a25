/**
 * Sending with back-pressure: while much waits for the peer, who wants to send stands in line, first come,
 * first served. A message is given to the socket in one go, or, when its send is cancelled in line, not at
 * all.
 *
 * Invariant: the first in line stays there until it has sent, so that no newcomer overtakes it.
 */
import { Operation } from 'polvo/lowlevel'
import { type InLine, Line } from '../line.ts'

/** What `send` takes. */
export type Sendable = string | ArrayBufferView | ArrayBuffer

/** What the outbox needs of the connection. */
export interface Sink {
  /** Whether a message can be sent now. */
  readonly hasRoom: boolean
  /** @throws where nothing can be sent any more */
  check(): void
  /** Hand `message` to the socket, which calls `onWritten` when it has been passed to the system. */
  write(message: Sendable, onWritten: () => void): void
}

export class Outbox {
  private readonly sink: Sink
  private readonly line = new Line<Send>()
  private readonly onWritten = (): void => this.wakeNext()

  constructor(sink: Sink) {
    this.sink = sink
  }

  /** Whoever waits cannot send any more. */
  end(): void {
    for (let send = this.line.first; send !== null; send = send._behind) send._wakeUp()
  }

  /** @internal Send at once where there is room; else get in line, and return false. */
  _enter(send: Send): boolean {
    this.sink.check()
    const isGo = this.line.length === 0 && this.sink.hasRoom
    if (isGo) this.sink.write(send.message, this.onWritten)
    else this.line.join(send)
    return isGo
  }

  /** @internal It was woken: send, and let the next one; false where there is no room again. */
  _go(send: Send): boolean {
    try {
      this.sink.check()
    } catch (error) {
      this._leave(send)
      throw error
    }
    if (!this.sink.hasRoom) return false
    this.sink.write(send.message, this.onWritten)
    this._leave(send)
    return true
  }

  /** @internal */
  _leave(send: Send): void {
    this.line.leave(send)
    this.wakeNext()
  }

  private wakeNext(): void {
    const { first } = this.line
    if (first !== null && this.sink.hasRoom) first._wakeUp()
  }
}

/** A message on its way to the socket. */
export class Send extends Operation<void> implements InLine<Send> {
  /** @internal */
  _ahead: Send | null = null
  /** @internal */
  _behind: Send | null = null
  readonly message: Sendable
  private readonly outbox: Outbox

  constructor(outbox: Outbox, message: Sendable) {
    super()
    this.outbox = outbox
    this.message = message
  }

  override _describe(): string {
    return 'websocket.send()'
  }

  protected override _begin(): boolean {
    return this.outbox._enter(this)
  }

  protected override _resume(): boolean {
    return this.outbox._go(this)
  }

  protected override _withdraw(): void {
    this.outbox._leave(this)
  }

  protected override _handBack(): void {
    this.outbox._leave(this)
  }
}
