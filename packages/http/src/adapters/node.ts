/** polvo's handlers behind a listener of node:http, or of anything that gives its messages. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '../server/application.ts'
import { Host, type HostedOnNode } from './host.ts'
import { applicationOf, type HostedHandler, type HostedHandlerOptions } from './target.ts'

/** What a server of node:http calls with each request. */
export interface NodeListener extends HostedOnNode {
  /** Answer a request. */
  (incoming: IncomingMessage, outgoing: ServerResponse): void
}

/**
 * A listener for `http.createServer()`, which answers with the routes of an application, or with one handler.
 *
 *     const listener = toNodeListener(app)
 *     createServer(listener).listen(8080)
 *
 * The application starts with the first request, or by `listener.start()`; `listener.stop()` is for when the server is closed. A
 * handler is cancelled when its client goes away, as in a server of polvo.
 * @throws TypeError for anything but an application or a handler
 */
export function toNodeListener(app: Application): NodeListener
export function toNodeListener<R>(handler: HostedHandler<R>, options?: HostedHandlerOptions): NodeListener
export function toNodeListener(
  target: Application | HostedHandler,
  options?: HostedHandlerOptions,
): NodeListener {
  const host = new Host(applicationOf('toNodeListener()', target, options))
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => host.handle(incoming, outgoing)
  return Object.assign(listener, host.hostedOnNode)
}
