/** COPY: rows in bulk, as text or bytes, in and out. */
import type pg from 'pg'
import { type Awaitable, type Coroutine, call, forEach, type Source, type Stream } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { databaseError, isServerError } from './database-error.ts'
import { Feed } from './feed.ts'
import type { Sessions } from './queryable.ts'
import type { Inquiry } from './session.ts'
import { Bell } from './wake-up.ts'

/** What of pg's connection COPY needs. */
interface Wire {
  readonly stream: {
    pause(): void
    resume(): void
    writableNeedDrain: boolean
    once(event: 'drain', listener: () => void): void
  }
  query(text: string): void
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

type Step = IteratorResult<Uint8Array, undefined>

/** What pg calls for a statement under way that is not one of its own. */
abstract class CopyCommand {
  protected wire: Wire | null = null
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  submit(connection: unknown): void {
    this.wire = connection as Wire
    this.wire.query(this.#text)
  }

  abstract handleError(error: Error): void
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleReadyForQuery(): void {}
  handleCommandComplete(_: { text: string }): void {}

  /** A statement that is no COPY FROM ends well as well; one that is, and was given to `copyTo`, is ended here. */
  handleCopyInResponse(): void {
    this.wire?.sendCopyFail('copyTo() runs COPY … TO STDOUT; for COPY … FROM STDIN there is copyFrom()')
  }

  handleCopyData(_: { chunk: Buffer }): void {}
}

// ---------------------------------------------------------------- in

class CopyIn extends CopyCommand implements Inquiry {
  error: unknown = null
  rowCount: number | null = null
  readonly progress = new Bell()
  #isOpen = false
  #isEnded = false
  #isAnswered = false

  get isAnswered(): boolean {
    return this.#isAnswered
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get isFull(): boolean {
    return this.wire?.stream.writableNeedDrain === true
  }

  send(chunk: string | Uint8Array): void {
    this.wire?.sendCopyFromChunk(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    if (this.isFull) this.wire?.stream.once('drain', this.#onDrain)
  }

  end(): void {
    this.#isEnded = true
    this.wire?.endCopyFrom()
  }

  readonly #onDrain = (): void => this.progress.ring()

  override handleCopyInResponse(): void {
    this.#isOpen = true
    this.progress.ring()
  }

  override handleCommandComplete({ text }: { text: string }): void {
    const count = /^COPY (\d+)/.exec(text)?.[1]
    if (count !== undefined) this.rowCount = Number(count)
  }

  override handleError(error: Error): void {
    this.error = error
  }

  _submit(client: pg.Client): void {
    client.query(this)
  }

  _answered(): void {
    this.#isAnswered = true
    this.progress.ring()
  }

  /** A server that waits for data hears of nothing else: have it fail. One that waits for a lock has to be told as well. */
  _interrupt(): boolean {
    if (!this.#isEnded) this.wire?.sendCopyFail('cancelled by the client')
    return true
  }
}

export function* copyFrom(
  sessions: Sessions,
  text: string,
  source: Source<string | Uint8Array>,
): Coroutine<number> {
  const session = sessions._tryBorrow() ?? (yield* sessions._borrow())
  const copy = new CopyIn(text)
  try {
    session.begin(copy)
    while (!copy.isOpen && !copy.isAnswered) yield* copy.progress.wait()
    if (copy.isOpen) {
      yield* forEach(source, function* (chunk): Coroutine {
        checkChunk(chunk)
        if (copy.isAnswered) throw failureOf(copy, text)
        copy.send(chunk)
        while (copy.isFull && !copy.isAnswered) yield* copy.progress.wait()
      })
      copy.end()
    }
    while (!copy.isAnswered) yield* copy.progress.wait()
  } finally {
    session.abandon(copy)
    sessions._return(session)
    if (session.isSettling) yield* session.settled()
  }
  if (copy.error !== null) throw failureOf(copy, text)
  if (!copy.isOpen) throw misuse('copyFrom() runs COPY … FROM STDIN; use query() for other statements.')
  return copy.rowCount ?? 0
}

function failureOf({ error }: CopyIn, text: string): unknown {
  return isServerError(error) ? databaseError(error, text) : error
}

function checkChunk(chunk: unknown): void {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return
  throw misuse(`copyFrom() sends text or bytes; its source gave ${typeof chunk}.`)
}

// ---------------------------------------------------------------- out

/** The bytes of a COPY … TO STDOUT; see `Pool.copyTo`. They are read by one task at a time, once. */
export class CopyTo implements Stream<Uint8Array>, AsyncDisposable {
  readonly #feed: CopyFeed

  /** @internal */
  constructor(sessions: Sessions, text: string) {
    this.#feed = new CopyFeed(sessions, text)
  }

  /** The next bytes, or the end. A checkpoint where none have come yet. @throws as `query` */
  next(): Awaitable<Step> {
    return call(nextChunk, this, this.#feed)
  }

  /** What a loop over the bytes calls when it is left before the end: as `close()`. */
  return(): Awaitable<Step> {
    return call(endCopy, this.#feed)
  }

  /** End it before its end, and wait until the server has stopped. A second call does nothing. */
  close(): Awaitable<void> {
    return call(closeCopy, this.#feed)
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined, undefined> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<Uint8Array, undefined, undefined>
  }
}

function* nextChunk(copy: CopyTo, feed: CopyFeed): Coroutine<Step> {
  const chunk = yield* feed.next(copy)
  return chunk === null ? { done: true, value: undefined } : { done: false, value: chunk }
}

function* endCopy(feed: CopyFeed): Coroutine<Step> {
  yield* feed.close()
  return { done: true, value: undefined }
}

function* closeCopy(feed: CopyFeed): Coroutine {
  yield* feed.close()
}

/** How many bytes may have come and not been taken before the socket is paused. */
const HIGH_WATER = 262_144

class CopyFeed extends Feed<Uint8Array> {
  readonly #command: CopyOut

  constructor(sessions: Sessions, text: string) {
    super(sessions, 'copy', text)
    this.#command = new CopyOut(text, this.progress, (error) => {
      this.error ??= error
    })
  }

  override _submit(client: pg.Client): void {
    client.query(this.#command)
  }

  protected override take(): Uint8Array | null {
    return this.#command.take()
  }

  protected override get isEmpty(): boolean {
    return this.#command.isEmpty
  }

  /** What is still on its way has to be read away for the server to come to the end. */
  override _interrupt(): boolean {
    this.#command.drop()
    return true
  }
}

class CopyOut extends CopyCommand {
  readonly #progress: Bell
  readonly #onError: (error: Error) => void
  #chunks: Buffer[] = []
  #size = 0
  #isDropped = false

  constructor(text: string, progress: Bell, onError: (error: Error) => void) {
    super(text)
    this.#progress = progress
    this.#onError = onError
  }

  get isEmpty(): boolean {
    return this.#size === 0
  }

  take(): Uint8Array | null {
    if (this.#size === 0) return null
    const chunk = Buffer.concat(this.#chunks, this.#size)
    this.#chunks = []
    this.#size = 0
    this.wire?.stream.resume()
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }

  drop(): void {
    this.#isDropped = true
    this.#chunks = []
    this.#size = 0
    this.wire?.stream.resume()
  }

  /** The chunk lies in a buffer that the parser uses again. */
  override handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (this.#isDropped) return
    this.#chunks.push(Buffer.from(chunk))
    this.#size += chunk.length
    if (this.#size > HIGH_WATER) this.wire?.stream.pause()
    this.#progress.ring()
  }

  override handleError(error: Error): void {
    this.#onError(error)
  }
}
