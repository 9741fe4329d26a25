/**
 * The body of a response between the wire and its reader: what arrived and was not read yet, decoded, with
 * back-pressure.
 *
 * | mode      | is true                                          | next                     | moved by     |
 * |-----------|--------------------------------------------------|--------------------------|--------------|
 * | unread    | HIGH_WATER bytes are kept, then the server waits | whole, chunks, discarded | first reader |
 * | whole     | kept to the end without limit, then for ever     | –                        | –            |
 * | chunks    | as unread; each chunk is given once              | discarded                | `drop`       |
 * | discarded | what arrives is dropped                          | –                        | –            |
 *
 * Apart from the mode it is complete, failed, or neither. Readers are coroutines; what feeds it are
 * callbacks.
 */
import { type Coroutine, InvalidStateError } from 'polvo'
import { WakeUp } from '../wake-up.ts'
import { type Coding, createDecoder, type Decoded, type Decoder } from './decompress.ts'
import { ClientPayloadError, type RequestInfo, reasonOf, seenHere } from './errors.ts'

/** How many bytes wait for a reader before the server has to. */
const HIGH_WATER = 65_536

/** What a body needs of the exchange it comes from. */
export interface Wire extends RequestInfo {
  pause(): void
  resume(): void
  /** The body is complete, decoded and all. */
  bodyDone(): void
  /** Nothing more is wanted of it: reading on is not possible after that. */
  abort(error: unknown): void
}

export class IncomingBody implements Decoded {
  readonly #wire: Wire
  readonly #coding: Coding | null
  readonly #arrival = new WakeUp()
  #decoder: Decoder | null = null
  #mode: 'unread' | 'whole' | 'chunks' | 'discarded' = 'unread'
  /** Whose body is being read: it must not be collected as forgotten meanwhile. */
  #reader: object | null = null
  #isPaused = false
  #chunks: Buffer[] = []
  #size = 0
  #discardLimit = 0
  #hasArrived = false
  #whole: Buffer | null = null
  #isComplete = false
  #hasFailed = false
  #error: unknown = null

  constructor(wire: Wire, coding: Coding | null) {
    this.#wire = wire
    this.#coding = coding
  }

  /** Nothing more will come. */
  get isOver(): boolean {
    return this.#isComplete || this.#hasFailed
  }

  // ---------------------------------------------------------------- what arrives

  feed(chunk: Buffer): void {
    if (this.isDiscarded) return this.dropChunk(chunk)
    if (this.isOver) return
    if (this.#coding === null) return this.onDecoded(chunk)
    this.#decoder ??= createDecoder(this.#coding, chunk, this)
    if (!this.#decoder.write(chunk)) this.#wire.pause()
  }

  /** The wire has given all. */
  finish(): void {
    this.#hasArrived = true
    if (this.#decoder === null || this.isDiscarded || this.#isComplete) this.complete()
    else this.#decoder.end()
  }

  fail(error: unknown): void {
    if (this.isOver) return
    this.#hasFailed = true
    this.#error = error
    this.#decoder?.destroy()
    this.#arrival.wake()
  }

  private dropChunk(chunk: Buffer): void {
    this.#discardLimit -= chunk.length
    if (this.#discardLimit < 0) this.#wire.abort(this.released())
  }

  onDecoded(chunk: Buffer): void {
    if (this.isOver || this.isDiscarded) return
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#mode === 'whole') return
    if (this.#size >= HIGH_WATER) this.pause()
    this.#arrival.wake()
  }

  /** Compressed data knows its end; what the server sends behind it is read away. */
  onDecodedAll(): void {
    this.complete()
    this.#wire.resume()
  }

  private complete(): void {
    if (!this.isOver) {
      this.#isComplete = true
      this.#arrival.wake()
    }
    if (this.#hasArrived) this.#wire.bodyDone()
  }

  onUndecodable(error: Error): void {
    const reason = reasonOf(error)
    const what = `the body is not the ${this.#coding} data that its content-encoding says: ${reason}.`
    this.#wire.abort(new ClientPayloadError(this.#wire, what, { cause: error }))
  }

  onDecoderDrained(): void {
    if (!this.#isPaused) this.#wire.resume()
  }

  private pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    if (this.#decoder === null) this.#wire.pause()
    else this.#decoder.pause()
  }

  private flow(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#decoder?.resume()
    this.#wire.resume()
  }

  // ---------------------------------------------------------------- reading

  /** All of it; the same bytes again for who asks again. */
  *readWhole(reader: object): Coroutine<Buffer> {
    if (this.#whole !== null) return this.#whole
    this.enter('whole')
    this.flow()
    while (!this.#isComplete) yield* this.nextArrival(reader)
    this.#whole = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#chunks = []
    return this.#whole
  }

  /** The next chunk, null at the end. */
  *readChunk(reader: object): Coroutine<Buffer | null> {
    this.enter('chunks')
    while (this.#chunks.length === 0) {
      if (this.#isComplete) return null
      yield* this.nextArrival(reader)
    }
    const chunk = this.#chunks.shift()!
    this.#size -= chunk.length
    if (this.#size < HIGH_WATER) this.flow()
    return chunk
  }

  private enter(mode: 'whole' | 'chunks'): void {
    if (this.#reader !== null) throw this.refusal('is being read by another task')
    if (this.isDiscarded) throw this.released()
    if (this.#mode !== 'unread' && this.#mode !== mode) {
      throw this.refusal(
        `was read ${this.#mode === 'whole' ? 'as a whole' : 'in chunks'} before; read it in one way`,
      )
    }
    this.#mode = mode
  }

  /** Cancelling a read ends the exchange: half a body is of no use to the next reader. */
  private *nextArrival(reader: object): Coroutine {
    if (this.#hasFailed) throw seenHere(this.#error)
    this.#reader = reader
    let isWoken = false
    try {
      yield* this.#arrival.wait()
      isWoken = true
    } finally {
      this.#reader = null
      if (!isWoken) this.#wire.abort(this.refusal('was given up when a read of it was cancelled'))
    }
    if (this.isDiscarded) throw this.released()
  }

  /** As `drop`, but read on: up to `limit` bytes, beyond which the exchange is aborted. */
  discard(limit: number): void {
    this.drop()
    this.#discardLimit = limit
    if (this.#hasArrived) this.complete()
    else this.#wire.resume()
  }

  /** Drop what is there, unless it was read as a whole, and what is still to come. */
  drop(): void {
    if (this.#whole !== null) return
    this.#mode = 'discarded'
    this.#chunks = []
    this.#decoder?.destroy()
    this.#isPaused = false
    this.#arrival.wake()
  }

  private get isDiscarded(): boolean {
    return this.#mode === 'discarded'
  }

  private released(): Error {
    return this.refusal('was released or closed before it was read')
  }

  private refusal(what: string): InvalidStateError {
    return new InvalidStateError(`${this.#wire.method} ${this.#wire.url}: the body ${what}.`)
  }
}
