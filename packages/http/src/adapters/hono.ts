/** polvo's handlers inside Hono, on whatever it runs. */
import { Application } from '../server/application.ts'
import { FetchHost } from './fetch.ts'
import type { Hosted } from './host.ts'
import { applicationOf, type FoundParams, type HostedHandler, type HostedHandlerOptions } from './target.ts'

/** What is used of a context of Hono. */
export interface HonoContextLike {
  /** The request. */
  readonly req: { readonly raw: Request; param(): unknown }
}

/** What Hono calls with a request: by `use`, or for a route. */
export interface HonoHandler extends Hosted {
  /** Answer a request, or have the next handler do it where the application has no route for it. */
  (context: HonoContextLike, next: () => Promise<void>): Promise<Response | undefined>
}

/**
 * A middleware for Hono that answers with the routes of an application, by their whole paths, and passes on what it has no route for; or
 * a handler for one of Hono's own routes.
 *
 *     hono.use(toHonoHandler(app))
 *     hono.get('/users/:id', toHonoHandler(function* (request) { … request.params.id … }))
 *     hono.mount('/api', toFetchHandler(app))                     // '/api/users' is the application's '/users'
 *
 * A handler is cancelled when the request's signal is aborted, which Hono's server for Node does when the client goes away. The
 * application starts with the first request, or by `start()`; `stop()` is for when the server is closed.
 * @throws TypeError for anything but an application or a handler
 */
export function toHonoHandler(app: Application): HonoHandler
export function toHonoHandler<R>(handler: HostedHandler<R>, options?: HostedHandlerOptions): HonoHandler
export function toHonoHandler(
  target: Application | HostedHandler,
  options?: HostedHandlerOptions,
): HonoHandler {
  const host = new FetchHost(applicationOf('toHonoHandler()', target, options))
  const passesOn = target instanceof Application
  const handler = async ({ req }: HonoContextLike, next: () => Promise<void>) => {
    const params = passesOn ? undefined : (req.param() as FoundParams)
    const response = await host.answer(req.raw, { passesOn, params })
    if (response !== null) return response
    await next()
    return undefined
  }
  return Object.assign(handler, host.hosted)
}
