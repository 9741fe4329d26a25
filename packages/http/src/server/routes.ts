/** The routes of an application, as they are registered. */
import type { Checked } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import type { Application } from './application.ts'
import { showKind } from './describe.ts'
import { type PathParams, PathPattern } from './path-pattern.ts'
import type { HttpRequest } from './request.ts'
import { redirect } from './respond.ts'
import type { AnyHandler, RegisteredRoute, RouteOptions } from './route.ts'
import { type StaticOptions, staticFiles } from './static-files.ts'
import {
  checkWebSocketOptions,
  WebSocketEndpoint,
  type WebSocketHandler,
  type WebSocketRoute,
  type WebSocketRouteOptions,
} from './websocket-route.ts'

/** What answers a request of a path: a function of either spelling, which returns a response, or what stands for one. */
export type Handler<Path extends string = string, R = unknown> = (
  request: HttpRequest<PathParams<Path>>,
) => R & Checked<R>

const VIEW_METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const

/** Handlers for the methods of one path. */
export type View<Path extends string = string> = {
  [method in (typeof VIEW_METHODS)[number]]?: (request: HttpRequest<PathParams<Path>>) => unknown
}

/** What an application can be asked: the part of it that has the routes. */
export abstract class Routes {
  /** @internal */
  readonly _routes: RegisteredRoute[] = []

  /** @internal */
  protected abstract get _application(): Application

  /** @internal @throws InvalidStateError once the application runs */
  protected abstract _refuseWhileRunning(what: string): void

  /** Answer GET, and HEAD with the same head. */
  get<Path extends string, R>(path: Path, handler: Handler<Path, R>, options?: RouteOptions): this {
    return this.route('GET', path, handler, options)
  }

  /** Answer POST. */
  post<Path extends string, R>(path: Path, handler: Handler<Path, R>, options?: RouteOptions): this {
    return this.route('POST', path, handler, options)
  }

  /** Answer PUT. */
  put<Path extends string, R>(path: Path, handler: Handler<Path, R>, options?: RouteOptions): this {
    return this.route('PUT', path, handler, options)
  }

  /** Answer PATCH. */
  patch<Path extends string, R>(path: Path, handler: Handler<Path, R>, options?: RouteOptions): this {
    return this.route('PATCH', path, handler, options)
  }

  /** Answer DELETE. */
  delete<Path extends string, R>(path: Path, handler: Handler<Path, R>, options?: RouteOptions): this {
    return this.route('DELETE', path, handler, options)
  }

  /** Answer HEAD, in another way than the route for GET would. */
  head<Path extends string, R>(path: Path, handler: Handler<Path, R>, options?: RouteOptions): this {
    return this.route('HEAD', path, handler, options)
  }

  /** Answer OPTIONS, in another way than by listing the methods. */
  options<Path extends string, R>(path: Path, handler: Handler<Path, R>, options?: RouteOptions): this {
    return this.route('OPTIONS', path, handler, options)
  }

  /**
   * Answer requests of a method, or several, for a path.
   *
   * A path has fixed parts and parameters: `:name` for text up to the next slash, `:name<type>` with a type of `int`, `float`,
   * `alpha`, `slug`, `date`, `uuid` and, at the end, `path` for all that is left; or `:name([a-z]+)` with a regular expression. A path
   * whose parameters do not fit is not this route's. Those of `int` and `float` are numbers.
   *
   * @throws TypeError for a path, handler or options that cannot be, InvalidStateError once the application runs
   */
  route<Path extends string, R>(
    methods: string | readonly string[],
    path: Path,
    handler: Handler<Path, R>,
    options: RouteOptions = {},
  ): this {
    this._refuseWhileRunning('route')
    if (typeof handler !== 'function') {
      throw misuse(
        `The route ${path} takes a function that handles requests, and was given ${showKind(handler)}.`,
      )
    }
    const list = typeof methods === 'string' ? [methods] : methods
    for (const method of list) checkMethod(method)
    checkRouteOptions(options)
    const pattern = new PathPattern(path)
    this._routes.push({
      app: this._application,
      methods: list,
      pattern,
      handler: handler as AnyHandler,
      options,
      isWebSocket: false,
    })
    return this
  }

  /**
   * Answer by the methods of an object, or of an instance of a class: `get(request)`, `post(request)`, … aiohttp's class views.
   * @throws TypeError where it has none of them; else as `route`
   */
  view<Path extends string>(path: Path, view: View<Path>, options?: RouteOptions): this {
    const methods = VIEW_METHODS.filter((method) => typeof view[method] === 'function')
    if (methods.length === 0) {
      throw misuse(`The view ${path} has none of the methods ${VIEW_METHODS.join(', ')}.`)
    }
    for (const method of methods) {
      const handler = view[method] as Handler<Path>
      this.route(
        method.toUpperCase(),
        path,
        (request: HttpRequest<PathParams<Path>>) => handler.call(view, request),
        options,
      )
    }
    return this
  }

  /**
   * Talk over websockets: `handler` is given the open connection, in a task of its own. When it ends, the connection is closed with
   * 1000, where it fails with 1011. A client that goes away ends the handler's loop over messages, and makes sends throw
   * WebSocketClosed, which needs no `catch`. When the server stops, connections are closed with 1001. Middlewares are around the
   * handshake: what they answer with, or throw, refuses it.
   *
   *     app.websocket('/echo', function* (socket) {
   *       yield* forEach(socket, function* (message) { yield* socket.send(message) })
   *     })
   *
   * @throws TypeError for a path, handler or options that cannot be, InvalidStateError once the application runs
   */
  websocket<Path extends string, R>(
    path: Path,
    handler: WebSocketHandler<Path, R>,
    options: WebSocketRouteOptions = {},
  ): this {
    this._refuseWhileRunning('websocket')
    if (typeof handler !== 'function')
      throw misuse(`The websocket ${path} takes a function, and was given ${showKind(handler)}.`)
    checkWebSocketOptions(options)
    const { name } = options
    const endpoint = new WebSocketEndpoint({ handler: handler as WebSocketRoute['handler'], options })
    this._routes.push({
      app: this._application,
      methods: ['GET'],
      pattern: new PathPattern(path),
      handler: (request) => endpoint.talk(request),
      options: { name, handlerTimeout: null, onDisconnect: 'finish' },
      isWebSocket: true,
    })
    return this
  }

  /**
   * Send the files of a folder, for GET and HEAD below `prefix`: with types, `etag`, ranges, and an index page for folders. What leads
   * out of the folder, and what begins with a dot, is a 404.
   * @throws TypeError for a prefix or folder that cannot be, InvalidStateError once the application runs
   */
  static(prefix: string, folder: string, options: StaticOptions & Pick<RouteOptions, 'name'> = {}): this {
    if (typeof folder !== 'string')
      throw misuse(`static() takes a prefix and a folder, and was given ${showKind(folder)}.`)
    const { name, ...how } = options
    const base = new PathPattern(prefix).path.replace(/\/$/, '')
    const handler = staticFiles(folder, how)
    if (base !== '') this.get(base, (request) => redirect(`${request.path}/`, { status: 308 }))
    return this.get(`${base}/:path<path>`, handler as Handler<string>, { name })
  }
}

function checkMethod(method: string): void {
  if (/^[A-Z][A-Z-]*$/.test(method)) return
  throw misuse(`A method is written in capitals, as GET; ${JSON.stringify(method)} is not.`)
}

function checkRouteOptions({ onDisconnect, handlerTimeout, bodyLimit }: RouteOptions): void {
  if (onDisconnect !== undefined && onDisconnect !== 'cancel' && onDisconnect !== 'finish') {
    throw misuse(`onDisconnect takes 'cancel' or 'finish', and was given ${JSON.stringify(onDisconnect)}.`)
  }
  if (handlerTimeout !== undefined && handlerTimeout !== null && !(handlerTimeout > 0)) {
    throw misuse(`handlerTimeout takes milliseconds above 0, or null; it was given ${handlerTimeout}.`)
  }
  if (bodyLimit !== undefined && !(bodyLimit >= 0)) {
    throw misuse(`bodyLimit takes bytes, 0 or more; it was given ${bodyLimit}.`)
  }
}
