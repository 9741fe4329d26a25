import { inspect } from 'node:util'
import { type Awaitable, type Coroutine, call } from 'polvo'
import { done } from '../wake-up.ts'
import { charsetOf, decodeText, isJson } from './content-type.ts'
import {
  ClientPayloadError,
  ClientResponseError,
  ContentTypeError,
  type ResponseInfo,
  reasonOf,
} from './errors.ts'
import type { Exchange } from './exchange.ts'
import { firstValue, toWebHeaders } from './headers.ts'
import type { IncomingBody } from './incoming-body.ts'
import { chunksOf, linesOf, type Pieces } from './pieces.ts'

/** What `text` and `json` take. */
export interface TextOptions {
  /**
   * The encoding to decode with, whatever the response says: a label of the Encoding standard, such as
   * 'latin1'.
   */
  encoding?: string | undefined
}

/** What `lines` takes. */
export interface LineOptions {
  /** How many bytes a line may have; by default 64 KiB. */
  maxLength?: number | undefined
}

/** What `json` takes. */
export interface JsonOptions extends TextOptions {
  /** false: parse it whatever its content-type is; by default true. */
  checkContentType?: boolean | undefined
}

/**
 * What a server answered. The head is there; the body arrives while it is read, and the server waits when
 * nobody reads.
 *
 *     const data = yield* use(session.get(url), (response) => response.json())
 *     for await (const chunk of response) …                    // Uint8Array
 *     yield* forEach(response, function* (chunk) { … })
 *
 * It holds its connection until the body has arrived or the response is closed, so open it with `use` or
 * `await using`. The body is read as a whole (`text`, `json`, `bytes`, as often as one likes) or in chunks
 * (once), by one task at a time. Cancelling a read closes the response.
 */
export class ClientResponse implements ResponseInfo, AsyncDisposable {
  /** The status code, such as 404. */
  readonly status: number
  /** The words behind the status, such as 'Not Found'. */
  readonly reason: string
  /** The responses that redirected here, the first one first. Their bodies are gone. */
  readonly history: readonly ClientResponse[]
  readonly #exchange: Exchange
  #headers: Headers | null = null

  /** @internal */
  constructor(exchange: Exchange, history: readonly ClientResponse[]) {
    this.#exchange = exchange
    this.status = exchange.status
    this.reason = exchange.reason
    this.history = history
  }

  /** The method of the request that this answers: after a redirect it may be another than was asked for. */
  get method(): string {
    return this.#exchange.method
  }

  /** The URL that answered, after redirects; without credentials and fragment. */
  get url(): string {
    return this.#exchange.url
  }

  /** The headers, as the web's `Headers`; the same object each time. */
  get headers(): Headers {
    this.#headers ??= toWebHeaders(this.#exchange.headers)
    return this.#headers
  }

  /** Whether the status is below 400. */
  get ok(): boolean {
    return this.status < 400
  }

  /**
   * Throw where the status is 400 or more. The body can still be read.
   * @throws ClientResponseError
   */
  raiseForStatus(): void {
    if (!this.ok) throw new ClientResponseError(this)
  }

  // ---------------------------------------------------------------- reading the body

  /**
   * The body as it was sent, or decompressed; the same bytes when called again. A checkpoint only where it
   * has not arrived yet. Cancelling it closes the response.
   * @throws ClientPayloadError where it breaks off, ClientTimeoutError, InvalidStateError once it was closed
   *   or read in chunks, and while another task reads it
   */
  bytes(): Awaitable<Uint8Array> {
    return call(bytes, this)
  }

  /**
   * The body as text, decoded by the charset of its content-type, else as UTF-8. Otherwise as `bytes`.
   * @throws ClientPayloadError also for an encoding that is not known
   */
  text(options: TextOptions = {}): Awaitable<string> {
    return call(text, this, options)
  }

  /**
   * The body as JSON. Otherwise as `text`.
   * @throws ClientPayloadError also where its content-type is not JSON, and where it cannot be parsed
   */
  json<T = unknown>(options: JsonOptions = {}): Awaitable<T> {
    return call(json, this, options) as Awaitable<unknown> as Awaitable<T>
  }

  /**
   * The next chunk of the body, of whatever size it arrived in, or its end. Otherwise as `bytes`, but that each
   * chunk is given once.
   * @throws InvalidStateError also once it was read as a whole
   */
  next(): Awaitable<IteratorResult<Uint8Array, undefined>> {
    return call(next, this)
  }

  /**
   * The body line by line, as UTF-8 text without its line ends; read in one go with `for await` or `forEach`.
   * Otherwise as `next`.
   * @throws RangeError for a line of more than `maxLength` bytes, by default 64 KiB
   */
  lines({ maxLength = 65_536 }: LineOptions = {}): Pieces<string> {
    return linesOf(this, maxLength)
  }

  /**
   * The body in chunks of `size` bytes, of which only the last one may have less. Otherwise as `next`.
   * @throws TypeError, RangeError for a size that cannot be
   */
  chunks(size: number): Pieces<Uint8Array> {
    return chunksOf(this, size)
  }

  /** What a loop over the chunks calls when it is left before the end: as `close()`. No checkpoint. */
  return(): Awaitable<IteratorResult<Uint8Array, undefined>> {
    this.close()
    return done({ done: true, value: undefined })
  }

  /** The response itself: there is one way through its chunks. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined, undefined> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<Uint8Array, undefined, undefined>
  }

  /** @internal */
  get _exchange(): Exchange {
    return this.#exchange
  }

  /** @internal */
  get _body(): IncomingBody {
    return this.#exchange.body
  }

  /** @internal */
  get _contentType(): string | undefined {
    return firstValue(this.#exchange.headers, 'content-type')
  }

  // ---------------------------------------------------------------- the end

  /**
   * Drop the body, but keep the connection for the next request where the rest is small (up to 64 KiB, within
   * a second); else hang up. It begins at once; what it returns is done when the connection is free.
   */
  release(): Awaitable<void> {
    return this.#exchange.release()
  }

  /** Drop the body, hanging up unless all of it has arrived. Never suspends; a second call does nothing. */
  close(): void {
    this.#exchange.close()
  }

  /** For `await using`: as `close()`. No checkpoint. */
  [Symbol.asyncDispose](): Awaitable<void> {
    this.close()
    return done(undefined)
  }

  toString(): string {
    return `<ClientResponse ${this.method} ${this.url} ${`${this.status} ${this.reason}`.trimEnd()}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function* bytes(response: ClientResponse): Coroutine<Uint8Array> {
  return plain(yield* response._body.readWhole(response))
}

function* next(response: ClientResponse): Coroutine<IteratorResult<Uint8Array, undefined>> {
  const chunk = yield* response._body.readChunk(response)
  return chunk === null ? { done: true, value: undefined } : { done: false, value: plain(chunk) }
}

/**
 * A Buffer is a Uint8Array whose `slice` and `toString` do something else; nobody should depend on that by
 * accident.
 */
function plain({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function* text(response: ClientResponse, { encoding }: TextOptions): Coroutine<string> {
  const body = yield* response._body.readWhole(response)
  const label = encoding ?? charsetOf(response._contentType) ?? 'utf-8'
  try {
    return decodeText(body, label)
  } catch (cause) {
    const what = `the body is text in an unknown encoding, ${JSON.stringify(label)}.`
    throw new ClientPayloadError(response, `${what} Give text({ encoding }), or read bytes().`, { cause })
  }
}

function* json(
  response: ClientResponse,
  { checkContentType = true, encoding }: JsonOptions,
): Coroutine<unknown> {
  const source = yield* text(response, { encoding })
  const contentType = response._contentType
  if (checkContentType && !isJson(contentType)) {
    const kind = contentType === undefined ? 'says nothing of its type' : `is ${contentType}, not JSON`
    const advice = 'To parse it all the same, give json({ checkContentType: false }).'
    throw new ContentTypeError(response, `the body ${kind}${beginning(source)}. ${advice}`)
  }
  try {
    return JSON.parse(source)
  } catch (cause) {
    const what = `the body is not valid JSON${beginning(source)}: ${reasonOf(cause)}.`
    throw new ClientPayloadError(response, what, { cause })
  }
}

const SHOWN = 60

function beginning(source: string): string {
  if (source === '') return ', it is empty'
  const start = source.length > SHOWN ? `${source.slice(0, SHOWN)}…` : source
  return `, it begins ${JSON.stringify(start)}`
}
