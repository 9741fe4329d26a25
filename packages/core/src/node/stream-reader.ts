/**
 * The reading end of a stream. Chunks are fed in as they arrive; a task that reads waits until they hold what it wants, and
 * only then is woken: a line that comes byte by byte costs one wake-up.
 *
 * | state  | is true                                                       | next          | moved by                  |
 * |--------|---------------------------------------------------------------|---------------|---------------------------|
 * | open   | more may come; at most one read waits                         | ended, failed | `feedEof`, `setException` |
 * | ended  | no more comes; what has come can be read, then nothing        | –             |                           |
 * | failed | as ended, but where nothing is left, reads throw the error    | –             |                           |
 *
 * Invariant: the source is paused only while more than `limit` bytes are here and no read waits for more.
 */
import type { Awaitable } from '../coroutine/types.ts'
import { PENDING } from '../coroutine/waitable.ts'
import { InvalidStateError, misuse, outOfRange } from '../errors.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import type { Scheduler } from '../loop/scheduler.ts'
import { ByteBuffer } from './byte-buffer.ts'
import {
  NEWLINE,
  NextLine,
  type Read,
  ReadAll,
  type Readable,
  ReadExactly,
  ReadLine,
  ReadSome,
  ReadUntil,
  UntilOver,
} from './reads.ts'
import { wakeTogether } from './wake-together.ts'

/** How many bytes a line may have, where nothing else is said. */
const DEFAULT_LIMIT = 64 * 1024

/** What a separator may be given as. */
export type Separator = string | Uint8Array

/** What the bytes come from, and can be asked to wait. */
export interface Pausable {
  pause(): unknown
  resume(): unknown
}

/** What a reader is made with. */
export interface StreamReaderOptions {
  /**
   * How many bytes may lie before a separator; by default 64 KiB. Above twice as many that nobody takes, the source is paused.
   */
  limit?: number | undefined
}

/**
 * Reads from a connection or a pipe: lines, exact numbers of bytes, or whatever has come. One task reads at a time. A read that
 * is cancelled has taken nothing.
 *
 * What has come before an error can be read in spite of it. The bytes given out share memory with others that came in the same
 * chunk: copy those that you keep for long.
 */
export class StreamReader implements AsyncIterable<Buffer>, Readable {
  /** @internal */
  readonly _bytes = new ByteBuffer()
  /** @internal */
  readonly _limit: number
  #isOver = false
  #failure: { readonly error: unknown } | null = null
  #reading: Read<unknown> | null = null
  #source: Pausable | null = null
  /** Where the first of the reads went on that have waited; null before, and where the bytes are fed by hand. */
  #loop: Scheduler | null = null
  #isPaused = false

  constructor({ limit = DEFAULT_LIMIT }: StreamReaderOptions = {}) {
    this._limit = checkReaderLimit(limit)
  }

  /**
   * Read up to `n` bytes: what has come, waiting for something; no bytes at the end of the stream. Without `n`, read all there is up
   * to the end, however much. A checkpoint only where it waits. @throws the error the connection was lost by.
   */
  read(n = -1): Awaitable<Buffer> {
    return n < 0 ? new ReadAll(this) : new ReadSome(this, checkCount('read', n))
  }

  /**
   * Read a line with its `\n`; at the end of the stream what there is, then no bytes. A checkpoint only where it waits.
   * @throws LimitOverrunError where the line is longer than the limit; what has come of it is thrown away.
   */
  readline(): Awaitable<Buffer> {
    return new ReadLine(this)
  }

  /**
   * Read exactly `n` bytes. A checkpoint only where it waits.
   * @throws IncompleteReadError, with the bytes there were, where the stream ends before.
   */
  readexactly(n: number): Awaitable<Buffer> {
    return new ReadExactly(this, checkCount('readexactly', n))
  }

  /**
   * Read up to a separator, and return it as well; of several separators, up to the one that ends first. A checkpoint only where
   * it waits.
   * @throws IncompleteReadError where the stream ends before; LimitOverrunError where more than the limit comes before it: all of
   * it can still be read.
   */
  readuntil(separator: Separator | readonly Separator[] = '\n'): Awaitable<Buffer> {
    return new ReadUntil(this, separatorsFrom(separator))
  }

  /** Whether the stream has ended and all of it was read. */
  atEof(): boolean {
    return this.#isOver && this._bytes.length === 0
  }

  /** The error the connection was lost by; null where it was not. */
  exception(): unknown {
    return this.#failure?.error ?? null
  }

  /** The next line, as by `readline`, or the end. */
  next(): Awaitable<IteratorResult<Buffer, undefined>> {
    return new NextLine(this)
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return { next: () => this.next() as PromiseLike<unknown> as Promise<IteratorResult<Buffer, undefined>> }
  }

  // ---------------------------------------------------------------- where the bytes come from

  /** Take a chunk in. It is not copied, and must not be changed afterwards. Nothing happens once the stream is over. */
  feedData(chunk: Uint8Array): void {
    if (this.#isOver || chunk.length === 0) return
    this._bytes.append(chunk)
    const reading = this.#reading
    if (reading !== null && reading._state === PENDING) {
      if (!reading._isReady()) return
      if (this.#loop === null) reading._wakeUp()
      else wakeTogether(reading, this.#loop)
    }
    this.#pauseIfFull()
  }

  /** No more will come. A second call does nothing. */
  feedEof(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#reading?._wakeUp()
  }

  /** No more will come, because of `error`: reads throw it once there is nothing left for them. Not after the end. */
  setException(error: unknown): void {
    if (this.#isOver) return
    this.#failure = { error }
    this.feedEof()
  }

  /** @internal Have `source` wait while too much is here. */
  _setSource(source: Pausable | null): void {
    this.#source = source
    this.#isPaused = false
    this.#loop = null
    if (source !== null) this.#pauseIfFull()
  }

  #pauseIfFull(): void {
    if (this.#source === null || this.#isPaused || this._bytes.length <= 2 * this._limit) return
    this.#isPaused = true
    this.#source.pause()
  }

  #resumeSource(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#source?.resume()
  }

  // ---------------------------------------------------------------- for the reads

  /** @internal */
  get _isOver(): boolean {
    return this.#isOver
  }

  /** @internal Wait until no more comes, however much that is, and take nothing. */
  _untilOver(): Awaitable<void> {
    return new UntilOver(this)
  }

  /** @internal */
  _throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure.error
  }

  /** @internal Whether somebody waits. */
  get _isBeingRead(): boolean {
    return this.#reading !== null
  }

  /** @internal */
  _checkFree(read: Read<unknown>): void {
    if (this.#reading === null) return
    throw new InvalidStateError(
      `${read._describe()} was awaited while another task waits in ${this.#reading._describe()}. Let one task read.`,
    )
  }

  /** @internal It waits until there is more: that must not be because the source does. */
  _waitFor(read: Read<unknown>): void {
    this.#reading = read
    if (this.#loop === null && this.#source !== null) this.#loop = loopForWork()
    this.#resumeSource()
  }

  /** @internal */
  _isWaitedFor(): void {
    this.#reading = null
  }

  /** @internal Bytes may have left. */
  _afterTake(): void {
    if (this.#isPaused && this._bytes.length <= this._limit) this.#resumeSource()
  }

  toString(): string {
    const state = this.#failure !== null ? 'failed' : this.#isOver ? 'ended' : 'open'
    return `<StreamReader ${state} bytes=${this._bytes.length}${this.#isPaused ? ' paused' : ''}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** @throws RangeError where it is no number of bytes a line may have */
export function checkReaderLimit(limit: number): number {
  if (typeof limit === 'number' && limit > 0) return limit
  throw outOfRange(`limit takes more than 0 bytes, and was given ${brief(limit)}.`)
}

function checkCount(taker: string, n: number): number {
  if (n === Number.POSITIVE_INFINITY || (Number.isInteger(n) && n >= 0)) return n
  throw outOfRange(`${taker}() takes a number of bytes, and was given ${brief(n)}.`)
}

function separatorsFrom(given: Separator | readonly Separator[]): readonly Buffer[] {
  if (given === '\n') return NEWLINE
  const list = Array.isArray(given) ? (given as readonly Separator[]) : [given as Separator]
  if (list.length === 0) throw outOfRange('readuntil() takes one separator or more, and was given none.')
  return list.map((separator) => {
    if (typeof separator !== 'string' && !(separator instanceof Uint8Array)) {
      throw misuse(`readuntil() takes separators as strings or bytes, and was given ${brief(separator)}.`)
    }
    if (separator.length === 0) throw outOfRange('readuntil() takes separators of at least one byte.')
    return Buffer.from(separator as string)
  })
}
