/** What an adapter is given: an application, or one handler whose path the framework has found already. */
import type { IncomingMessage } from 'node:http'
import type { Checked } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import { Application } from '../server/application.ts'
import { showKind } from '../server/describe.ts'
import { HttpRequest } from '../server/request.ts'
import type { RouteOptions } from '../server/route.ts'

/** The parameters of a path, as a framework has found them: text. */
export type FoundParams = Readonly<Record<string, string | undefined>>

/** A handler of either spelling in another framework's route. `request.params` are those of that route, as text. */
export type HostedHandler<R = unknown> = (request: HttpRequest<FoundParams>) => R & Checked<R>

/** What a handler takes that stands for itself in a framework's route; see `RouteOptions`. */
export type HostedHandlerOptions = Pick<RouteOptions, 'onDisconnect' | 'handlerTimeout' | 'bodyLimit'>

/** What the framework has found in the path of a request. */
const found = new WeakMap<IncomingMessage, FoundParams>()

/** Note what a framework has found in the path, for the handler. */
export function noteParams(incoming: IncomingMessage, params: FoundParams | undefined): void {
  if (params !== undefined) found.set(incoming, params)
}

/** The application that an adapter runs: the one it is given, or one that has the handler for every path. */
export function applicationOf(
  taker: string,
  target: Application | HostedHandler,
  options: HostedHandlerOptions | undefined,
): Application {
  if (target instanceof Application) {
    if (options === undefined) return target
    throw misuse(`${taker} takes options for a handler only: an Application has them itself.`)
  }
  if (typeof target !== 'function') {
    throw misuse(`${taker} takes an Application or a handler, and was given ${showKind(target)}.`)
  }
  const app = new Application(options)
  return app.use((request) => target(withFoundParams(request)))
}

function withFoundParams(request: HttpRequest): HttpRequest<FoundParams> {
  const { raw } = request
  const params = found.get(raw)
  if (params === undefined) return request as HttpRequest<FoundParams>
  const { url = '' } = raw
  const at = url.indexOf('?')
  return new HttpRequest(request._exchange, params, at < 0 ? '' : url.slice(at + 1))
}
