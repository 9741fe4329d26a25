/**
 * The writing end of a stream.
 *
 * | state   | is true                                                | next          | moved by                         |
 * |---------|--------------------------------------------------------|---------------|----------------------------------|
 * | open    | takes bytes                                            | ended, closing, gone | `writeEof`, `close`       |
 * | ended   | takes no more; the other direction goes on             | closing, gone | `close`                          |
 * | closing | what was taken is sent, then the connection is closed  | gone          | the system, `abort`              |
 * | gone    | the connection is closed, perhaps by an error          | –             | the peer, the system, `abort`    |
 */
import type { Socket } from 'node:net'
import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls'
import { Call } from '../coroutine/call.ts'
import { bringThenNear } from '../coroutine/operation.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { BrokenResource, ClosedResource, InvalidStateError, misuse } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { Event } from '../sync/event.ts'
import { LineWait, WaitLine } from '../sync/wait-line.ts'
import { localAddress, remoteAddress, type SocketAddress } from './address.ts'
import type { TlsOptions, TlsServerOptions } from './tls.ts'

/** What a writer is asked to do with its connection, where its reader has to know as well. */
export interface Upgrade {
  startTls(options: TlsOptions | TlsServerOptions): Coroutine
}

/** What `getExtraInfo` knows, by name. The last four are of TLS connections. */
export interface ExtraInfo {
  /** Where the peer is. */
  peername: SocketAddress
  /** Where this end is. */
  sockname: SocketAddress
  /** Node's socket, for what only it can do. Leave its events alone. */
  socket: Socket
  /** The certificate that the peer has shown. */
  peercert: PeerCertificate
  /** How it is encrypted. */
  cipher: CipherNameAndProtocol
  /** The host that the client asked for. */
  servername: string
  /** As 'TLSv1.3'. */
  tlsVersion: string
}

/**
 * Writes to a connection or a pipe. `write` never waits; `drain` waits while much is unsent, so a loop that writes awaits it. As a
 * resource it is closed at the end, and what was written is sent before.
 */
export class StreamWriter implements AsyncDisposable {
  #socket: Socket
  #upgrade: Upgrade | null
  #error: unknown = null
  #hasEnded = false
  #isClosing = false
  /** The newest; once it was awaited it is given out again. */
  #drain: Drain | null = null
  readonly #gone = new Event()
  /** @internal */
  readonly _drainers = new WaitLine()

  /** @internal */
  constructor(socket: Socket, upgrade: Upgrade | null = null) {
    this.#socket = socket
    this.#upgrade = upgrade
    this._attach(socket)
  }

  /**
   * Send bytes, or text as UTF-8. They are not copied: leave them as they are until they are sent. After a loss of the connection
   * they are dropped; `drain` says so.
   * @throws ClosedResource after `writeEof` or `close`.
   */
  write(data: string | Uint8Array): void {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw misuse(`write() takes bytes or text, and was given ${brief(data)}.`)
    }
    this.#checkOpen()
    if (!this.#socket.destroyed) this.#socket.write(data)
  }

  /** As `write` of each, handed to the system together. None at all is fine. */
  writelines(lines: Iterable<string | Uint8Array>): void {
    this.#checkOpen()
    this.#socket.cork()
    try {
      for (const line of lines) this.write(line)
    } finally {
      this.#socket.uncork()
    }
  }

  /**
   * Wait while more than 64 KiB are unsent, until they are sent. Any number of tasks may wait. A checkpoint only where it waits.
   * @throws the error the connection was lost by; BrokenResource where it was lost without one.
   */
  drain(): Awaitable<void> {
    const last = this.#drain
    if (last?._remake()) return last
    this.#drain = new Drain(this)
    return this.#drain
  }

  /** Say that nothing more will be written; the peer reads to the end, and may go on writing. A second call does nothing. */
  writeEof(): void {
    if (this.#hasEnded || this.#isClosing) return
    this.#hasEnded = true
    this.#socket.end()
  }

  /** Whether the stream can be ended in one direction: connections of all kinds and pipes can. */
  canWriteEof(): boolean {
    return true
  }

  /** Close the connection, both directions, once what was written is sent. Does not wait. A second call does nothing. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#socket.destroySoon()
  }

  /** Close the connection at once; what is unsent is dropped. A second call does nothing. */
  abort(): void {
    this.#isClosing = true
    this.#socket.destroy()
  }

  /** Whether `close` or `abort` was called, or the connection is gone. */
  isClosing(): boolean {
    return this.#isClosing || this.#gone.isSet()
  }

  /**
   * Wait until the connection is closed; `close` it before. A checkpoint only where it waits. Any number of tasks may wait;
   * cancelling closes nothing.
   * @throws the error the connection was lost by.
   */
  waitClosed(): Awaitable<void> {
    return new Call(this.#waitClosed, [], 'writer.waitClosed', 0, this)
  }

  *#waitClosed(): Coroutine {
    yield* this.#gone.wait()
    if (this.#error !== null) throw this.#error
  }

  /** Close and wait; no error of the connection is thrown. Cancelled, it aborts, and is done when the connection is gone. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return new Call(this.#dispose, [], 'writer[Symbol.asyncDispose]', 0, this)
  }

  *#dispose(): Coroutine {
    this.close()
    try {
      yield* this.#gone.wait()
    } finally {
      this.abort()
      yield* this.#gone.wait()
    }
  }

  /** What is known about the connection; `fallback` where it is not. */
  getExtraInfo<Name extends keyof ExtraInfo>(name: Name): ExtraInfo[Name] | undefined
  getExtraInfo<Name extends keyof ExtraInfo, F>(name: Name, fallback: F): ExtraInfo[Name] | F
  getExtraInfo(name: keyof ExtraInfo, fallback?: unknown): unknown {
    const socket = this.#socket as TLSSocket
    const known: Partial<Record<string, (socket: TLSSocket) => unknown>> = socket.encrypted
      ? TLS_INFO
      : GENERAL_INFO
    return known[name]?.(socket) ?? fallback
  }

  /**
   * Go on with this connection in TLS; the reader and the writer stay. What has come and was not read belongs to the handshake, so
   * that nothing sent in the clear is taken for something secret. A checkpoint. Cancelled or failed, the connection is closed.
   *
   * @param options as for `tls` of `openConnection`, or on the side of the server as for `tls` of `startServer`
   * @throws InvalidStateError where it is TLS already, is no connection, or is being read.
   */
  startTls(options: TlsOptions | TlsServerOptions = {}): Awaitable<void> {
    return new Call(this.#startTls, [options], 'writer.startTls', 0, this)
  }

  *#startTls(options: TlsOptions | TlsServerOptions): Coroutine {
    this.#checkOpen()
    if (this.#upgrade === null || (this.#socket as TLSSocket).encrypted) {
      throw new InvalidStateError('startTls() is for connections that are not TLS yet.')
    }
    yield* this.#upgrade.startTls(options)
  }

  #checkOpen(): void {
    if (this.#isClosing)
      throw new ClosedResource('The connection was closed by this side: nothing can be written.')
    if (this.#hasEnded) throw new ClosedResource('Nothing can be written after writeEof().')
  }

  // ---------------------------------------------------------------- its socket

  /** @internal */
  _attach(socket: Socket): void {
    this.#socket = socket
    socket.on('drain', this.#onDrain)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
    if (socket.closed) this.#onClose()
  }

  /** @internal Errors are still caught: somebody else deals with them. */
  _detach(): void {
    this.#socket.off('drain', this.#onDrain)
    this.#socket.off('close', this.#onClose)
  }

  readonly #onDrain = (): void => this._drainers.wakeAll()

  readonly #onError = (error: unknown): void => {
    this.#error ??= error
  }

  readonly #onClose = (): void => {
    this.#gone.set()
    this._drainers.wakeAll()
  }

  /** @internal Whether much is unsent. @throws where it can never be sent */
  _needsDrain(): boolean {
    if (this.#error !== null) throw this.#error
    if (this.#gone.isSet())
      throw new BrokenResource('The connection is closed: what was written may be lost.')
    return this.#socket.writableNeedDrain
  }

  toString(): string {
    const state = this.#gone.isSet()
      ? 'gone'
      : this.#isClosing
        ? 'closing'
        : this.#hasEnded
          ? 'ended'
          : 'open'
    return `<StreamWriter ${state} unsent=${this.#socket.writableLength}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

const GENERAL_INFO = {
  peername: remoteAddress,
  sockname: localAddress,
  socket: (socket: Socket) => socket,
}

const TLS_INFO = {
  ...GENERAL_INFO,
  peercert: (socket: TLSSocket) => certificateFrom(socket.getPeerCertificate()),
  cipher: (socket: TLSSocket) => socket.getCipher() as CipherNameAndProtocol | undefined,
  servername: (socket: TLSSocket) => (socket as { servername?: string | false }).servername || undefined,
  tlsVersion: (socket: TLSSocket) => socket.getProtocol() ?? undefined,
}

/** Node gives an empty object where the peer has shown none. */
function certificateFrom(certificate: PeerCertificate): PeerCertificate | undefined {
  return Object.keys(certificate ?? {}).length === 0 ? undefined : certificate
}

class Drain extends LineWait<void> {
  static {
    bringThenNear(this)
  }

  readonly #writer: StreamWriter

  constructor(writer: StreamWriter) {
    super(writer._drainers)
    this.#writer = writer
  }

  protected override _begin(): boolean {
    return !this.#writer._needsDrain() || this.join()
  }

  protected override _resume(): boolean {
    this.leave()
    return this._begin()
  }

  protected override _handBack(): void {
    this.leave()
  }

  override _describe(): string {
    return 'writer.drain()'
  }
}
