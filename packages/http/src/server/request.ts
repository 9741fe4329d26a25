/** A request as its handler sees it. What few handlers look at is made when it is looked at. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import { parseCookie } from 'cookie'
import type { Awaitable, Coroutine } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import type { Application } from './application.ts'
import type { Exchange } from './exchange.ts'
import { type FormOptions, type FormValues, formOf } from './form.ts'
import { HttpBadRequest, HttpUnsupportedMediaType } from './http-error.ts'
import { charsetOf, decodeText, mediaTypeOf } from './media-type.ts'
import { type MultipartOptions, MultipartStream } from './multipart-stream.ts'
import type { PathValues } from './path-pattern.ts'
import { RequestStream } from './request-stream.ts'
import { State } from './state.ts'

/** What `request.json()` takes. */
export interface RequestJsonOptions {
  /** Take bodies of any content-type; by default those of `application/json` and `+json`, or of none. */
  anyType?: boolean | undefined
}

/**
 * A request, given to its handler.
 *
 * Its body is read once, by one of `text`, `json`, `bytes`, `form`, `multipart` and `stream`; the first three may be called
 * again, and give the same. They throw HttpPayloadTooLarge (413) where it is longer than the route's `bodyLimit`,
 * ClientDisconnected where it breaks off. A cancelled read loses nothing.
 */
export class HttpRequest<Params = PathValues> {
  /** @internal */
  readonly _exchange: Exchange
  /** The parameters of the path, of the types that the route gives them. */
  readonly params: Params
  readonly #rawQuery: string
  #query: URLSearchParams | null = null
  #cookies: Readonly<Record<string, string | undefined>> | null = null
  #state: State | null = null
  #stream: RequestStream | null = null
  #bytes: Buffer | null = null

  /** @internal */
  constructor(exchange: Exchange, params: Params, query: string) {
    this._exchange = exchange
    this.params = params
    this.#rawQuery = query
  }

  /** `GET`, `POST`, … */
  get method(): string {
    return this.raw.method as string
  }

  /** What was asked for, as it was sent: the path and the query, escaped. */
  get url(): string {
    return this.raw.url as string
  }

  /** The path, as it was sent: escaped, without the query. */
  get path(): string {
    const { url } = this
    const end = url.search(/[?#]/)
    return end < 0 ? url : url.slice(0, end)
  }

  /** What stands behind the question mark. */
  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#rawQuery)
    return this.#query
  }

  /** The header, by names in lower case, as node:http gives it. */
  get headers(): IncomingHttpHeaders {
    return this.raw.headers
  }

  /** The first value of a field of the header, whatever the case of `name`; undefined where there is none. */
  header(name: string): string | undefined {
    const value = this.raw.headers[name.toLowerCase()]
    return Array.isArray(value) ? value[0] : value
  }

  /** The cookies, by name. */
  get cookies(): Readonly<Record<string, string | undefined>> {
    this.#cookies ??= parseCookie(this.raw.headers.cookie ?? '')
    return this.#cookies
  }

  /** The content-type without its parameters, in lower case; empty where there is none. */
  get contentType(): string {
    return mediaTypeOf(this.raw.headers['content-type'])
  }

  /** The address the connection comes from, which may be that of a proxy; empty for a Unix socket. */
  get remoteAddress(): string {
    return this.raw.socket.remoteAddress ?? ''
  }

  /** Whether it came over TLS, to this very process. */
  get isSecure(): boolean {
    return 'encrypted' in this.raw.socket
  }

  /** The host it was sent to, with the port, as the client says. */
  get host(): string {
    return this.raw.headers.host ?? ''
  }

  /** The application whose route it is for. */
  get app(): Application {
    return this._exchange.route.app
  }

  /** The path of the route, `/users/:id<int>`; empty where no route was found. */
  get routePath(): string {
    return this._exchange.route.path
  }

  /** What handlers and middlewares note about this request, by keys. */
  get state(): State {
    this.#state ??= new State()
    return this.#state
  }

  /** The message of node:http it is made of. Reading its body there is the caller's business. */
  get raw(): IncomingMessage {
    return this._exchange.incoming
  }

  // ---------------------------------------------------------------- the one who asked

  /**
   * An AbortSignal for APIs that take one. It is aborted when the handler is cancelled: because the client has gone away (not with
   * `onDisconnect: 'finish'`), the `handlerTimeout` is over, or the server stops.
   */
  get signal(): AbortSignal {
    return this._exchange.signal
  }

  /** Whether the client has gone away before it had the response. */
  get disconnected(): boolean {
    return this._exchange.isDisconnected
  }

  /** Wait until the client has gone away: for handlers that go on then, see `onDisconnect`. A checkpoint where it waits. */
  waitDisconnected(): Awaitable<void> {
    return this._exchange.waitDisconnected()
  }

  // ---------------------------------------------------------------- the body

  /** The body as it arrives. */
  get stream(): RequestStream {
    this.#stream ??= new RequestStream(this.raw, this._exchange.bodyLimit, () => this._exchange.hangUp())
    return this.#stream
  }

  /** The whole body. A checkpoint where it has to wait. */
  bytes(): Awaitable<Buffer> {
    return namedCall('request.bytes()', readBytes, this as HttpRequest<unknown>)
  }

  /**
   * The whole body as text, in the charset of its content-type, else UTF-8. A checkpoint where it has to wait.
   * @throws HttpUnsupportedMediaType (415) for a charset that nobody knows
   */
  text(): Awaitable<string> {
    return namedCall('request.text()', readText, this as HttpRequest<unknown>)
  }

  /**
   * The whole body as JSON. A checkpoint where it has to wait.
   * @throws HttpBadRequest (400) where it is none, HttpUnsupportedMediaType (415) where its content-type says so
   */
  json<T = unknown>(options: RequestJsonOptions = {}): Awaitable<T> {
    return namedCall(
      'request.json()',
      readJson,
      this as HttpRequest<unknown>,
      options,
    ) as Awaitable<unknown> as Awaitable<T>
  }

  /**
   * The fields and files of a form, `application/x-www-form-urlencoded` or `multipart/form-data`; files are kept in memory, within
   * the limit of the body. A second call is an InvalidStateError. A checkpoint where it has to wait.
   * @throws HttpUnsupportedMediaType (415) for another type, HttpBadRequest (400) for one that is broken
   */
  form(options: FormOptions = {}): Awaitable<FormValues> {
    return namedCall('request.form()', formOf, this as HttpRequest<unknown>, options)
  }

  /**
   * The parts of a `multipart/form-data` body as they arrive, for uploads that are not to be kept in memory.
   *
   *     yield* forEach(request.multipart(), function* (part) { yield* forEach(part.stream, save) })
   *
   * @throws HttpUnsupportedMediaType (415) for another type
   */
  multipart(options: MultipartOptions = {}): MultipartStream {
    return new MultipartStream(this.stream, this.raw.headers, options)
  }

  /** @internal */
  *_bytes(): Coroutine<Buffer> {
    if (this.#bytes !== null) return this.#bytes
    this.#bytes = yield* this.stream._all()
    return this.#bytes
  }

  toString(): string {
    return `<HttpRequest ${this.method} ${this.url}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function* readBytes(request: HttpRequest<unknown>): Coroutine<Buffer> {
  return yield* request._bytes()
}

function* readText(request: HttpRequest<unknown>): Coroutine<string> {
  const charset = charsetOf(request.headers['content-type']) ?? 'utf-8'
  const bytes = yield* request._bytes()
  try {
    return decodeText(bytes, charset)
  } catch (cause) {
    throw new HttpUnsupportedMediaType(`The charset ${JSON.stringify(charset)} is not known here.`, { cause })
  }
}

function* readJson(
  request: HttpRequest<unknown>,
  { anyType = false }: RequestJsonOptions,
): Coroutine<unknown> {
  const { contentType } = request
  if (!anyType && contentType !== '' && !/^application\/json$|\+json$/.test(contentType)) {
    throw new HttpUnsupportedMediaType(
      `The body is of the type ${contentType}; application/json is taken here.`,
    )
  }
  const text = yield* readText(request)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HttpBadRequest(`The body is no valid JSON: ${reason}`, { cause })
  }
}
