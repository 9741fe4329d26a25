/**
 * The body of a request as it arrives. Nothing is read before somebody asks; what arrives faster than it is read is held back by the
 * connection.
 *
 * | state    | is true                                                   | next            | moved by           |
 * |----------|-----------------------------------------------------------|-----------------|--------------------|
 * | unread   | no listener; Node reads nothing                           | flowing         | the first read     |
 * | flowing  | chunks are added to the line, or handed to who waits      | over            | the connection     |
 * | over     | all has arrived, or it failed; chunks may be left         | –               | –                  |
 */
import type { IncomingMessage } from 'node:http'
import { type Awaitable, type Coroutine, Future, InvalidStateError } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import { ClientDisconnected, HttpPayloadTooLarge } from './http-error.ts'

/** So many bytes may wait to be read before the client is made to wait. */
const HIGH_WATER = 65_536

/** So much of a body that is refused Node reads away, after the response; beyond that the connection is closed. */
const READ_AWAY = 262_144

/**
 * The body of a request, chunk by chunk: for `forEach` in the generator spelling, `for await` in the other. It is read once.
 *
 * Reads throw HttpPayloadTooLarge where it is longer than the limit, and ClientDisconnected where it breaks off. A cancelled read
 * loses nothing.
 */
export class RequestStream implements AsyncIterable<Buffer> {
  readonly #incoming: IncomingMessage
  readonly #limit: number
  readonly #onGone: () => void
  #state: 'unread' | 'flowing' | 'over' = 'unread'
  readonly #chunks: Buffer[] = []
  #waiting = 0
  #arrived = 0
  #failure: unknown = null
  #reader: Future<void> | null = null

  /** @internal */
  constructor(incoming: IncomingMessage, limit: number, onGone: () => void) {
    this.#incoming = incoming
    this.#limit = limit
    this.#onGone = onGone
  }

  /** Whether somebody has begun to read. */
  get isRead(): boolean {
    return this.#state !== 'unread'
  }

  /** The next chunk. A checkpoint only where it waits. @throws InvalidStateError while another read waits */
  next(): Awaitable<IteratorResult<Buffer, undefined>> {
    return namedCall('request.stream.next()', nextOf, this)
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return new Chunks(this)
  }

  /** @internal */
  *_next(): Coroutine<Buffer | undefined> {
    this.#begin()
    while (this.#chunks.length === 0) {
      if (this.#failure !== null) throw this.#failure
      if (this.#state === 'over') return undefined
      if (this.#reader !== null) {
        throw new InvalidStateError('Another read of this body is waiting; a body has one reader.')
      }
      this.#reader = new Future<void>()
      try {
        yield* this.#reader
      } finally {
        this.#reader = null
      }
    }
    const chunk = this.#chunks.shift() as Buffer
    this.#waiting -= chunk.length
    if (this.#waiting < HIGH_WATER && this.#state === 'flowing') this.#incoming.resume()
    return chunk
  }

  /** @internal All of it. */
  *_all(): Coroutine<Buffer> {
    if (this.isRead) throw new InvalidStateError('The body was read before; it is read once.')
    const chunks: Buffer[] = []
    for (;;) {
      const chunk = yield* this._next()
      if (chunk === undefined) return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
      chunks.push(chunk)
    }
  }

  #begin(): void {
    if (this.#state !== 'unread') return
    this.#state = 'flowing'
    const incoming = this.#incoming
    if (Number(incoming.headers['content-length'] ?? 0) > this.#limit) return this.#refuse()
    if (incoming.readableEnded || (incoming.complete && incoming.readableLength === 0))
      return this.#over(null)
    if (incoming.destroyed) return this.#gone()
    incoming.on('data', this.#onData)
    incoming.on('end', this.#onEnd)
    incoming.on('error', this.#gone)
    incoming.on('close', this.#gone)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === 'over') return
    this.#arrived += chunk.length
    if (this.#arrived > this.#limit) return this.#refuse()
    this.#waiting += chunk.length
    this.#chunks.push(chunk)
    if (this.#waiting >= HIGH_WATER) this.#incoming.pause()
    this.#wake()
  }

  readonly #onEnd = (): void => {
    this.#over(null)
  }

  readonly #gone = (): void => {
    if (this.#state === 'over') return
    this.#onGone()
    this.#over(new ClientDisconnected('The body has broken off'))
  }

  #refuse(): void {
    this.#chunks.length = 0
    this.#incoming.pause()
    const left = Number(this.#incoming.headers['content-length'] ?? Number.POSITIVE_INFINITY) - this.#arrived
    const headers = left > READ_AWAY ? { connection: 'close' } : {}
    this.#over(new HttpPayloadTooLarge(`The body is longer than ${this.#limit} bytes.`, { headers }))
  }

  #over(failure: unknown): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#failure = failure
    this.#wake()
  }

  #wake(): void {
    if (this.#reader !== null && !this.#reader.done()) this.#reader.setResult()
  }
}

function* nextOf(stream: RequestStream): Coroutine<IteratorResult<Buffer, undefined>> {
  const value = yield* stream._next()
  return value === undefined ? { done: true, value } : { done: false, value }
}

/** For `for await`. Leaving the loop early leaves the rest unread. */
class Chunks implements AsyncIterator<Buffer, undefined> {
  readonly #stream: RequestStream

  constructor(stream: RequestStream) {
    this.#stream = stream
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    return this.#stream.next() as PromiseLike<IteratorResult<Buffer, undefined>> as Promise<
      IteratorResult<Buffer, undefined>
    >
  }
}
