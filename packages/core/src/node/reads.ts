/** The ways to read: each waits until the bytes that have come, or the end of the stream, settle what it is to give. */
import { bringThenNear, Operation } from '../coroutine/operation.ts'
import { IncompleteReadError, LimitOverrunError } from '../errors.ts'
import type { ByteBuffer } from './byte-buffer.ts'

/** What a read knows of its reader. */
export interface Readable {
  /** @internal */
  readonly _bytes: ByteBuffer
  /** @internal How many bytes may lie before a separator. */
  readonly _limit: number
  /** @internal Whether no more will come. */
  readonly _isOver: boolean
  /** @internal Throw the error by which the stream is over, if that was one. */
  _throwIfFailed(): void
  /** @internal @throws InvalidStateError while another read waits */
  _checkFree(read: Read<unknown>): void
  /** @internal `read` waits from now on. */
  _waitFor(read: Read<unknown>): void
  /** @internal It waits no more. */
  _isWaitedFor(): void
  /** @internal Bytes may have left. */
  _afterTake(): void
}

export const NEWLINE: readonly Buffer[] = [Buffer.from('\n')]

/** Waits until the bytes that have come, or the end, settle what it is to give. */
export abstract class Read<T> extends Operation<T> {
  declare protected readonly reader: Readable

  constructor(reader: Readable) {
    super()
    this.reader = reader
  }

  /** Whether what has come is enough. Called for each chunk, so it remembers how far it has looked. */
  abstract _isReady(): boolean

  /** Take what it is to give, or throw: it is ready, or the stream is over. */
  protected abstract take(): T

  protected override _begin(): boolean {
    this.reader._checkFree(this)
    return this.takeOrWait()
  }

  protected override _resume(): boolean {
    this.reader._isWaitedFor()
    return this.takeOrWait()
  }

  private takeOrWait(): boolean {
    const { reader } = this
    if (!this._isReady() && !reader._isOver) {
      reader._waitFor(this)
      return false
    }
    try {
      this._value = this.take()
    } finally {
      reader._afterTake()
    }
    return true
  }

  protected override _withdraw(): void {
    this.reader._isWaitedFor()
  }

  protected override _handBack(): void {
    this.reader._isWaitedFor()
  }
}

export class ReadSome extends Read<Buffer> {
  static {
    bringThenNear(this)
  }

  readonly #n: number

  constructor(reader: Readable, n: number) {
    super(reader)
    this.#n = n
  }

  override _isReady(): boolean {
    return this.#n === 0 || this.reader._bytes.length > 0
  }

  protected override take(): Buffer {
    if (!this._isReady()) this.reader._throwIfFailed()
    return this.reader._bytes.take(this.#n)
  }

  override _describe(): string {
    return `reader.read(${this.#n})`
  }
}

export class ReadAll extends Read<Buffer> {
  override _isReady(): boolean {
    return false
  }

  protected override take(): Buffer {
    this.reader._throwIfFailed()
    return this.reader._bytes.take()
  }

  override _describe(): string {
    return 'reader.read()'
  }
}

export class UntilOver extends Read<void> {
  override _isReady(): boolean {
    return false
  }

  protected override take(): void {}

  override _describe(): string {
    return 'process.communicate()'
  }
}

export class ReadExactly extends Read<Buffer> {
  static {
    bringThenNear(this)
  }

  readonly #n: number

  constructor(reader: Readable, n: number) {
    super(reader)
    this.#n = n
  }

  override _isReady(): boolean {
    return this.reader._bytes.length >= this.#n
  }

  protected override take(): Buffer {
    const { _bytes } = this.reader
    if (this._isReady()) return _bytes.take(this.#n)
    this.reader._throwIfFailed()
    throw new IncompleteReadError(_bytes.take(), this.#n)
  }

  override _describe(): string {
    return `reader.readexactly(${this.#n})`
  }
}

/** Looks for the separator that ends first, and never twice at the same place. */
abstract class ReadTo<T> extends Read<T> {
  declare private readonly separators: readonly Buffer[]
  /** Before this nothing begins that is a separator. */
  declare private searched: number
  /** Of the separator that was found; -1 while none was. */
  declare private begin: number
  declare protected end: number

  constructor(reader: Readable, separators: readonly Buffer[]) {
    super(reader)
    this.separators = separators
    this.searched = 0
    this.begin = -1
    this.end = -1
  }

  override _isReady(): boolean {
    return this.end >= 0 || this.search() || this.searched > this.reader._limit
  }

  private search(): boolean {
    const { _bytes } = this.reader
    if (_bytes.length === this.searched) return false
    let longest = 0
    for (const separator of this.separators) {
      const begin = _bytes.find(separator, this.searched)
      const end = begin + separator.length
      if (begin >= 0 && (this.end < 0 || end < this.end)) {
        this.begin = begin
        this.end = end
      }
      if (separator.length > longest) longest = separator.length
    }
    if (this.end >= 0) return true
    this.searched = Math.max(this.searched, _bytes.length + 1 - longest)
    return false
  }

  /** What is wrong with the limit; null where nothing is. */
  protected overrun(): LimitOverrunError | null {
    const limit = this.reader._limit
    if (this.end < 0) {
      if (this.searched <= limit) return null
      return new LimitOverrunError(`No separator in more than the limit of ${limit} bytes.`, this.searched)
    }
    if (this.begin <= limit) return null
    const message = `${this.begin} bytes before the separator, where the limit is ${limit}.`
    return new LimitOverrunError(message, this.begin)
  }

  /** Take up to the separator, or to the end of the stream; what is too long is thrown away. */
  protected takeLine(): Buffer {
    const { _bytes } = this.reader
    const overrun = this.overrun()
    if (overrun === null && this.end < 0) this.reader._throwIfFailed()
    const line = this.end < 0 ? _bytes.take() : _bytes.take(this.end)
    if (overrun !== null) throw overrun
    return line
  }
}

export class ReadUntil extends ReadTo<Buffer> {
  protected override take(): Buffer {
    const overrun = this.overrun()
    if (overrun !== null) throw overrun
    const { _bytes } = this.reader
    if (this.end >= 0) return _bytes.take(this.end)
    this.reader._throwIfFailed()
    throw new IncompleteReadError(_bytes.take())
  }

  override _describe(): string {
    return 'reader.readuntil()'
  }
}

export class ReadLine extends ReadTo<Buffer> {
  static {
    bringThenNear(this)
  }

  constructor(reader: Readable) {
    super(reader, NEWLINE)
  }

  protected override take(): Buffer {
    return this.takeLine()
  }

  override _describe(): string {
    return 'reader.readline()'
  }
}

export class NextLine extends ReadTo<IteratorResult<Buffer, undefined>> {
  static {
    bringThenNear(this)
  }

  constructor(reader: Readable) {
    super(reader, NEWLINE)
  }

  protected override take(): IteratorResult<Buffer, undefined> {
    const line = this.takeLine()
    return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line }
  }

  override _describe(): string {
    return 'reader.next()'
  }
}
