/** The body of a response in other pieces than those it arrived in: lines, or chunks of one size. */
import { type Awaitable, type Coroutine, call } from 'polvo'
import { misuse, outOfRange } from 'polvo/lowlevel'
import type { ClientResponse } from './response.ts'

/** Pieces of a body, one after the other, for `for await` and `forEach`. */
export interface Pieces<T> extends AsyncIterable<T> {
  /** The next piece, or the end. Cancelling it closes the response, as with any read of it. */
  next(): Awaitable<IteratorResult<T, undefined>>
  /** What a loop that is left calls: closes the response. No checkpoint. */
  return(): Awaitable<IteratorResult<T, undefined>>
}

/** Cuts pieces off what has come. */
interface Cutter<T> {
  /** Null where more has to come. At the end, what is left is a piece. */
  cut(pending: Buffer, isEnd: boolean): { piece: T; rest: Buffer } | null
  readonly name: string
  /** Trying with fewer bytes than these is in vain. */
  readonly least: number
}

const NEWLINE = 10
const NOTHING: Buffer = Buffer.alloc(0)

/** @param maxLength of a line, in bytes */
export function linesOf(response: ClientResponse, maxLength: number): Pieces<string> {
  return new Cut(response, {
    name: 'lines',
    least: 1,
    cut(pending, isEnd) {
      const at = pending.indexOf(NEWLINE)
      const length = at >= 0 ? at : pending.length
      if (length > maxLength) {
        throw outOfRange(`A line of ${response.url} is longer than ${maxLength} bytes; raise maxLength.`)
      }
      if (at < 0 && !isEnd) return null
      const end = length > 0 && pending[length - 1] === 13 ? length - 1 : length
      return { piece: pending.toString('utf8', 0, end), rest: pending.subarray(length + 1) }
    },
  })
}

/** @param size in bytes; only the last chunk may have less */
export function chunksOf(response: ClientResponse, size: number): Pieces<Uint8Array> {
  if (!Number.isInteger(size))
    throw misuse(`chunks() takes a whole number of bytes, and was given ${String(size)}.`)
  if (size < 1) throw outOfRange(`chunks() takes 1 byte or more, and was given ${size}.`)
  return new Cut(response, {
    name: 'chunks',
    least: size,
    cut(pending, isEnd) {
      if (pending.length < size && !isEnd) return null
      const length = Math.min(size, pending.length)
      return { piece: new Uint8Array(pending.subarray(0, length)), rest: pending.subarray(length) }
    },
  })
}

class Cut<T> implements Pieces<T> {
  private readonly response: ClientResponse
  private readonly cutter: Cutter<T>
  private pending = NOTHING
  private isEnd = false

  constructor(response: ClientResponse, cutter: Cutter<T>) {
    this.response = response
    this.cutter = cutter
  }

  next(): Awaitable<IteratorResult<T, undefined>> {
    return call(nextPiece, this) as Awaitable<IteratorResult<unknown, undefined>> as Awaitable<
      IteratorResult<T, undefined>
    >
  }

  return(): Awaitable<IteratorResult<T, undefined>> {
    return this.response.return() as Awaitable<IteratorResult<never, undefined>>
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<T, undefined>
  }

  /** @internal */
  *_next(): Coroutine<IteratorResult<T, undefined>> {
    for (;;) {
      const isRest = this.isEnd && this.pending.length === 0
      const cut = isRest ? null : this.cutter.cut(this.pending, this.isEnd)
      if (cut !== null) {
        this.pending = cut.rest
        return { done: false, value: cut.piece }
      }
      if (this.isEnd) return { done: true, value: undefined }
      yield* this.gather()
    }
  }

  /** Wait for enough to try again, or for the end. */
  private *gather(): Coroutine {
    const parts = [this.pending]
    let { length } = this.pending
    do {
      const chunk = yield* this.response._body.readChunk(this.response)
      this.isEnd = chunk === null
      if (chunk !== null) parts.push(chunk)
      length += chunk?.length ?? 0
    } while (!this.isEnd && length < this.cutter.least)
    this.pending = Buffer.concat(parts)
  }

  toString(): string {
    return `<${this.cutter.name} of ${this.response}>`
  }
}

function* nextPiece<T>(cut: Cut<T>): Coroutine<IteratorResult<T, undefined>> {
  return yield* cut._next()
}
