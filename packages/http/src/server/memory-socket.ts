/**
 * Two ends of a connection in memory, as node:http takes them for sockets. As on a network, bytes arrive later than they were sent, a
 * writer waits for a reader that is slow, and an end that is destroyed is the end of the other.
 */
import { Duplex } from 'node:stream'

type Written = (error?: Error | null) => void

export class MemorySocket extends Duplex {
  /** Of a connection without addresses, as that of a Unix socket is. */
  readonly remoteAddress = undefined
  readonly remotePort = undefined
  bytesWritten = 0
  bytesRead = 0
  #peer: MemorySocket | null = null
  /** The peer's write that waits until this end is read from. */
  #waiting: Written | null = null

  private constructor() {
    super({ allowHalfOpen: true })
  }

  static pair(): [MemorySocket, MemorySocket] {
    const ends: [MemorySocket, MemorySocket] = [new MemorySocket(), new MemorySocket()]
    ends[0].#peer = ends[1]
    ends[1].#peer = ends[0]
    return ends
  }

  override _read(): void {
    const written = this.#waiting
    this.#waiting = null
    written?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: Written): void {
    this.bytesWritten += chunk.length
    const copy = Buffer.from(chunk)
    const peer = this.#peer as MemorySocket
    setImmediate(() => peer.#arrives(copy, written))
  }

  override _final(written: Written): void {
    setImmediate(() => {
      const peer = this.#peer
      if (peer !== null && !peer.destroyed) peer.push(null)
      written()
    })
  }

  #arrives(chunk: Buffer, written: Written): void {
    if (this.destroyed) return written(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    this.bytesRead += chunk.length
    if (this.push(chunk)) written()
    else this.#waiting = written
  }

  override _destroy(error: Error | null, destroyed: Written): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.()
    const peer = this.#peer
    const isOverThere = this.writableFinished
    setImmediate(() => {
      // What was sent before stays to be read.
      if (peer !== null && !peer.destroyed && !isOverThere) peer.#hungUp()
    })
    destroyed(error)
  }

  /** The other end is gone without a word: what came is read, then nothing more. */
  #hungUp(): void {
    this.push(null)
    this.once('end', () => this.destroy())
  }

  // ---------------------------------------------------------------- what else a socket has

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}
