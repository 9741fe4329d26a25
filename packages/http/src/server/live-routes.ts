/** Routes as a running application looks them up: with the middlewares around their handlers, and options that are settled. */
import { type Coroutine, call } from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import type { Application } from './application.ts'
import { thresholdOf } from './compression.ts'
import type { HttpRequest } from './request.ts'
import { toResponse } from './respond.ts'
import type { HttpResponse } from './response.ts'
import type { AnyHandler, LiveRoute, Middleware, RegisteredRoute, RouteOptions } from './route.ts'
import type { Routed } from './router.ts'

const BODY_LIMIT = 1_048_576

/** A route as it is looked up. */
export interface RoutedLive extends LiveRoute, Routed {}

/** The routes of an application, one for each method. */
export function liveRoutes(routes: readonly RegisteredRoute[]): RoutedLive[] {
  return routes.flatMap(({ app, methods, pattern, handler, options }) =>
    methods.map((method) => ({ ...liveRoute(app, method, pattern.path, options, handler), pattern })),
  )
}

/** HEAD is answered by the route for GET, where it has none of its own. */
export function withHeads(live: readonly RoutedLive[]): RoutedLive[] {
  const heads = new Set(live.filter(({ method }) => method === 'HEAD').map(({ path }) => path))
  const added = live
    .filter(({ method, path }) => method === 'GET' && !heads.has(path))
    .map((route) => ({ ...route, method: 'HEAD' }))
  return [...live, ...added]
}

/** A route with its middlewares, and the options of the applications around it. */
export function liveRoute(
  app: Application,
  method: string,
  path: string,
  options: RouteOptions,
  handler: AnyHandler,
): LiveRoute {
  const middlewares = [...app._middlewares, ...(options.middlewares ?? [])]
  const hooks = app._responseHooks
  const inside = middlewares.reduceRight<AnyHandler>(around, handler)
  const handlerTimeout =
    options.handlerTimeout === undefined ? app._option('handlerTimeout') : options.handlerTimeout
  return {
    app,
    method,
    path,
    handler: inside,
    hooks,
    isPlain: hooks.length === 0 && thresholdOf(app._option('compression')) === null,
    isGenerator: inside instanceof GeneratorFunction,
    taskOptions: { eager: true, name: path === '' ? 'a request without a route' : `${method} ${path}` },
    cancelsOnDisconnect: (options.onDisconnect ?? app._option('onDisconnect') ?? 'cancel') === 'cancel',
    handlerTimeout: handlerTimeout ?? null,
    bodyLimit: options.bodyLimit ?? app._option('bodyLimit') ?? BODY_LIMIT,
  }
}

const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor as FunctionConstructor

/** A handler with a middleware around it. */
function around(inside: AnyHandler, middleware: Middleware): AnyHandler {
  return (request) => middleware(request, () => namedCall('next()', runNext, inside, request))
}

function* runNext(inside: AnyHandler, request: HttpRequest): Coroutine<HttpResponse> {
  return toResponse(yield* call(inside as (request: HttpRequest) => unknown, request))
}
