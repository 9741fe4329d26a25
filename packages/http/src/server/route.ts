/** Routes: as they are registered, and as a running application uses them. */
import type { Awaitable, TaskOptions } from 'polvo'
import type { Application } from './application.ts'
import type { PathPattern } from './path-pattern.ts'
import type { HttpRequest } from './request.ts'
import type { HttpResponse } from './response.ts'

/** What is to become of a handler when the client goes away before it has the response. */
export type OnDisconnect = 'cancel' | 'finish'

/** What a route takes beside its path and handler; what is left out is as the application says. */
export interface RouteOptions {
  /** What `urlFor` knows it by. */
  name?: string | undefined
  /**
   * What becomes of the handler when the client goes away: 'cancel' (the default), or 'finish' to let it run to its end, as is right
   * for what must not be left half done. `shield` protects a part.
   */
  onDisconnect?: OnDisconnect | undefined
  /**
   * How many milliseconds the handler may take until it returns its response; then it is cancelled, and the client gets a 503. null
   * for any time, the default.
   */
  handlerTimeout?: number | null | undefined
  /** How many bytes the body of a request may have before it is refused with 413; by default 1 MiB. */
  bodyLimit?: number | undefined
  /** Around this handler only, inside those of the application. */
  middlewares?: readonly Middleware[] | undefined
}

/** What goes on inside of a middleware: the next one, at last the handler. It gives the response, or throws. */
export type Next = () => Awaitable<HttpResponse>

/** Code around handlers, in either spelling: it returns what `next()` gives, or a response of its own. */
export type Middleware = (request: HttpRequest, next: Next) => unknown

/** What answers a request, in either spelling; see `toResponse` for what it may return. */
export type AnyHandler = (request: HttpRequest) => unknown

/** A route as it was registered. */
export interface RegisteredRoute {
  readonly app: Application
  readonly methods: readonly string[]
  readonly pattern: PathPattern
  readonly handler: AnyHandler
  readonly options: RouteOptions
  /** Of a route for websockets. */
  readonly isWebSocket: boolean
}

/** Is given each response before its head is sent, those to errors included. */
export type ResponseHook = (request: HttpRequest, response: HttpResponse) => void

/** A handler of errors, in either spelling. */
export type ErrorHandler = (error: never, request: HttpRequest) => unknown

/** Something that handles requests in a running application: a route, or what answers where there is none. */
export interface LiveRoute {
  readonly app: Application
  readonly method: string
  /** The path as it was registered; empty where there is none. */
  readonly path: string
  /** The handler, with the middlewares around it. */
  readonly handler: AnyHandler
  /** Called with its responses before they are sent. */
  readonly hooks: readonly ResponseHook[]
  /** Whether nobody looks at its responses. */
  readonly isPlain: boolean
  /** Whether `handler` is a generator function. */
  readonly isGenerator: boolean
  readonly taskOptions: TaskOptions
  readonly cancelsOnDisconnect: boolean
  readonly handlerTimeout: number | null
  readonly bodyLimit: number
}
