/** What a streamed body is made of: anything that gives its pieces one by one, in whichever way it does. */
import { Readable } from 'node:stream'
import type { Stream } from 'polvo'

type Piece = Uint8Array | string

/**
 * What can be sent piece by piece, text as UTF-8: iterables and async iterables, streams of Node and of the
 * web, and those of polvo, such as the receiver of a channel.
 */
export type Chunks = Iterable<Piece> | AsyncIterable<Piece> | Stream<Piece>

/** A source that is being gone through. */
export interface OpenSource {
  readonly chunks: Iterable<Piece> | AsyncIterable<Piece>
  /** Nobody wants the rest: end a read that is under way. */
  abandon(): void
}

export function isSource(data: unknown): data is Chunks {
  if (typeof data !== 'object' || data === null) return false
  return (
    Symbol.asyncIterator in data ||
    Symbol.iterator in data ||
    typeof (data as Stream<Piece>).next === 'function'
  )
}

export function openSource(source: Chunks): OpenSource {
  if (source instanceof Readable) return { chunks: source, abandon: () => source.destroy() }
  if (source instanceof ReadableStream) return openWebStream(source)
  if (Symbol.iterator in source || Symbol.asyncIterator in source) return { chunks: source, abandon: nothing }
  return { chunks: { [Symbol.asyncIterator]: () => iteratorOf(source) }, abandon: nothing }
}

function nothing(): void {}

/** Its own iterator cannot be interrupted. */
function openWebStream(stream: ReadableStream<Piece>): OpenSource {
  const reader = stream.getReader()
  const abandon = (): void => {
    reader.cancel().catch(nothing) // It has failed by itself.
  }
  const iterator: AsyncIterator<Piece, undefined> = {
    next: () => reader.read() as Promise<IteratorResult<Piece, undefined>>,
    async return() {
      abandon()
      return { done: true, value: undefined }
    },
  }
  return { chunks: { [Symbol.asyncIterator]: () => iterator }, abandon }
}

/** `for await` takes whatever can be awaited; only its type asks for promises. */
function iteratorOf(stream: Stream<Piece>): AsyncIterator<Piece> {
  return { next: () => stream.next() as PromiseLike<unknown> as Promise<IteratorResult<Piece>> }
}
