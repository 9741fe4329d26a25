/** Bodies that are written piece by piece: by a function, or from something that can be iterated. */
import { type Checked, type Coroutine, call, forEach } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { showKind } from './describe.ts'
import type { Exchange } from './exchange.ts'
import { HttpResponse, type ResponseOptions, type StreamedBody } from './response.ts'
import type { Chunk, ResponseWriter } from './writer.ts'

/** Where the pieces of a body come from: anything that can be iterated, also asynchronously, a web ReadableStream included. */
export type StreamSource = AsyncIterable<Chunk> | Iterable<Chunk>

/**
 * A response whose body is written piece by piece: by a function of either spelling, which is given a writer, or from something that
 * can be iterated. It is sent as fast as the client takes it, in the task of the request.
 *
 *     return stream(function* (writer) { for (const row of rows) yield* writer.write(`${row}\n`) })
 *
 * An error while it is written cuts the response short, so that the client sees that it is not whole.
 * @throws TypeError where it is neither
 */
export function stream<R>(
  source: StreamSource | ((writer: ResponseWriter) => R & Checked<R>),
  options: ResponseOptions = {},
): HttpResponse {
  const body = typeof source === 'function' ? new WrittenBody(source) : streamOf(source)
  return HttpResponse._of(body, 'application/octet-stream', options)
}

/** The body that is read from `source`. @throws TypeError where it cannot be iterated */
export function streamOf(source: StreamSource): StreamedBody {
  const isIterable =
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  if (!isIterable) {
    throw misuse(
      `stream() takes a function or something that can be iterated, and was given ${showKind(source)}.`,
    )
  }
  return new WrittenBody((writer) => copy(source, writer))
}

function* copy(source: StreamSource, writer: ResponseWriter): Coroutine {
  yield* forEach(source as AsyncIterable<Chunk>, (chunk: Chunk) => writer._write(chunk))
}

class WrittenBody implements StreamedBody {
  readonly #write: (writer: ResponseWriter) => unknown

  constructor(write: (writer: ResponseWriter) => unknown) {
    this.#write = write
  }

  *send(exchange: Exchange, response: HttpResponse): Coroutine {
    const writer = exchange.begin(response)
    if (writer === null) return
    yield* call(this.#write, writer)
    yield* writer._end()
  }
}
