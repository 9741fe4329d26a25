/** polvo's handlers inside Express, or whatever else calls handlers as `(request, response, next)`: Connect, Polka, Restify. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Application } from '../server/application.ts'
import { Host, type HostedOnNode } from './host.ts'
import {
  applicationOf,
  type FoundParams,
  type HostedHandler,
  type HostedHandlerOptions,
  noteParams,
} from './target.ts'

/** A request as Express gives it. */
export interface ExpressRequest extends IncomingMessage {
  /** What Express has found in the path. */
  params?: unknown
}

/** What Express calls with a request: by `use`, or for a route. */
export interface ExpressHandler extends HostedOnNode {
  /** Answer a request, or have the next handler do it where the application has no route for it. */
  (incoming: ExpressRequest, outgoing: ServerResponse, next: (error?: unknown) => void): void
}

/**
 * A middleware for Express that answers with the routes of an application, and passes on what it has no route for; or a handler for one
 * of Express's own routes.
 *
 *     express().use('/api', toExpressHandler(app))                // '/api/users' is the application's '/users'
 *     express().get('/users/:id', toExpressHandler(function* (request) { … request.params.id … }))
 *
 * It is to stand before body parsers such as `express.json()`, which would leave it nothing to read. The application starts with the
 * first request, or by `start()`; `stop()` is for when the server is closed.
 * @throws TypeError for anything but an application or a handler
 */
export function toExpressHandler(app: Application): ExpressHandler
export function toExpressHandler<R>(handler: HostedHandler<R>, options?: HostedHandlerOptions): ExpressHandler
export function toExpressHandler(
  target: Application | HostedHandler,
  options?: HostedHandlerOptions,
): ExpressHandler {
  const host = new Host(applicationOf('toExpressHandler()', target, options))
  const passesOn = target instanceof Application
  const handler = (incoming: ExpressRequest, outgoing: ServerResponse, next: (error?: unknown) => void) => {
    if (passesOn) return host.handleOrPass(incoming, outgoing, () => next())
    noteParams(incoming, incoming.params as FoundParams | undefined)
    host.handle(incoming, outgoing)
  }
  return Object.assign(handler, host.hostedOnNode)
}
