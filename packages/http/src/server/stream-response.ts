/** A response that its handler sends itself, step by step: aiohttp's `StreamResponse`. */
import { type Awaitable, type Coroutine, InvalidStateError } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import type { HttpRequest } from './request.ts'
import { HttpResponse, type ResponseOptions } from './response.ts'
import type { Chunk, ResponseWriter } from './writer.ts'

/**
 * A response whose head and body the handler sends itself: `prepare`, `write` as often as there is something, `writeEof`; then it
 * returns it. `stream` is shorter where the handler has nothing to do before or after.
 *
 *     const response = new StreamResponse({ headers: { 'content-type': 'text/csv' } })
 *     yield* response.prepare(request)
 *     for (const row of rows) yield* response.write(row)
 *     return response
 */
export class StreamResponse extends HttpResponse {
  #writer: ResponseWriter | null = null
  #state: 'new' | 'prepared' | 'ended' = 'new'

  constructor(options: ResponseOptions = {}) {
    super(null, options)
  }

  /** Whether its head is sent. */
  get isPrepared(): boolean {
    return this.#state !== 'new'
  }

  /** Send the head, in answer to `request`; it cannot be changed afterwards. @throws InvalidStateError a second time */
  prepare(request: HttpRequest<never> | HttpRequest): Awaitable<void> {
    return namedCall('response.prepare()', prepare, this, request as HttpRequest)
  }

  /** Send a piece of the body. Waits while the client is slower. @throws InvalidStateError before `prepare` and after `writeEof` */
  write(chunk: Chunk): Awaitable<void> {
    return namedCall('response.write()', write, this, chunk)
  }

  /** End the body; returning the response from the handler does so as well. A second call does nothing. */
  writeEof(): Awaitable<void> {
    return namedCall('response.writeEof()', writeEof, this)
  }

  /** @internal */
  *_prepare(request: HttpRequest): Coroutine {
    if (this.#state !== 'new')
      throw new InvalidStateError('The response is prepared already; it is sent once.')
    this.#state = 'prepared'
    request._exchange.running.prepare(request, this)
    this.#writer = request._exchange.begin(this)
  }

  /** @internal */
  *_write(chunk: Chunk): Coroutine {
    if (this.#state !== 'prepared') {
      const advice = this.#state === 'new' ? 'Call prepare(request) before.' : 'It has ended.'
      throw new InvalidStateError(`The response takes no body now. ${advice}`)
    }
    if (this.#writer !== null) yield* this.#writer.write(chunk)
  }

  /** @internal */
  *_writeEof(): Coroutine {
    if (this.#state === 'ended') return
    if (this.#state === 'new')
      throw new InvalidStateError('The response has no head yet. Call prepare(request) before.')
    this.#state = 'ended'
    if (this.#writer !== null) yield* this.#writer._end()
  }
}

function* prepare(response: StreamResponse, request: HttpRequest): Coroutine {
  yield* response._prepare(request)
}

function* write(response: StreamResponse, chunk: Chunk): Coroutine {
  yield* response._write(chunk)
}

function* writeEof(response: StreamResponse): Coroutine {
  yield* response._writeEof()
}
