/** Code around each request of a session: it may change what goes out, ask again, and look at what comes back. */
import { type Awaitable, type Coroutine, call } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { headerList } from './headers.ts'
import { OutgoingRequest } from './request.ts'
import { ClientResponse } from './response.ts'
import { isHttp } from './url.ts'

/** A request as a middleware sees it; what it changes is what is sent. A redirect is a request of its own. */
export class ClientRequest {
  /** Such as 'GET'. */
  method: string
  /** Where it goes. */
  url: URL
  /** What it sends, but for cookies and what the connection adds. */
  readonly headers: Headers
  readonly #outgoing: OutgoingRequest

  /** @internal */
  constructor(outgoing: OutgoingRequest) {
    this.#outgoing = outgoing
    this.method = outgoing.method
    this.url = new URL(outgoing.target)
    this.headers = new Headers()
    const { headers } = outgoing
    for (let i = 0; i < headers.length; i += 2) this.headers.append(headers[i]!, headers[i + 1]!)
  }

  /** Whether it can be sent a second time: its body is not a stream. */
  get canRepeat(): boolean {
    return this.#outgoing.body?.canRepeat !== false
  }

  /** @internal */
  _outgoing(): OutgoingRequest {
    if (!(this.url instanceof URL) || !isHttp(this.url)) {
      throw misuse(`A middleware made the URL ${String(this.url)}; it takes an http or https URL object.`)
    }
    const { method, url: target } = this
    return new OutgoingRequest({ ...this.#outgoing, method, target, headers: headerList(this.headers) })
  }

  toString(): string {
    return `<ClientRequest ${this.method} ${this.#outgoing.url}>`
  }
}

/** Sends the request on, to the next middleware or to the server; may be called several times. */
export type NextRequest = (request: ClientRequest) => Awaitable<ClientResponse>

/**
 * Code around each request, in either spelling: it returns what `next(request)` gives, or another response
 * that it got so. A response that it does not return, it has to release.
 *
 *     async function withToken(request, next) {
 *       request.headers.set('authorization', `Bearer ${await token()}`)
 *       return await next(request)
 *     }
 */
export type ClientMiddleware = (
  request: ClientRequest,
  next: NextRequest,
) => Coroutine<ClientResponse> | PromiseLike<ClientResponse> | ClientResponse

type Send = (outgoing: OutgoingRequest) => Coroutine<ClientResponse>

/** Send `outgoing` through `middlewares`, the first one outermost, and then by `send`. */
export function* sendThrough(
  middlewares: readonly ClientMiddleware[],
  outgoing: OutgoingRequest,
  send: Send,
): Coroutine<ClientResponse> {
  return yield* step(middlewares, 0, new ClientRequest(outgoing), send)
}

function* step(
  middlewares: readonly ClientMiddleware[],
  at: number,
  request: ClientRequest,
  send: Send,
): Coroutine<ClientResponse> {
  const middleware = middlewares[at]
  if (middleware === undefined) return yield* send(request._outgoing())
  const next: NextRequest = (given) => {
    if (!(given instanceof ClientRequest)) {
      throw misuse(`next() of a middleware takes the request, and was given ${typeof given}.`)
    }
    return call(step, middlewares, at + 1, given, send)
  }
  const response: unknown = yield* call(middleware, request, next)
  if (response instanceof ClientResponse) return response
  throw misuse(`The middleware ${middleware.name || 'without a name'} has to return a response of next().`)
}

/** @throws TypeError where it is no list of functions. */
export function checkMiddlewares(middlewares: readonly ClientMiddleware[]): readonly ClientMiddleware[] {
  if (!Array.isArray(middlewares) || middlewares.some((one) => typeof one !== 'function')) {
    throw misuse('middlewares takes an array of functions (request, next) => response.')
  }
  return middlewares
}
