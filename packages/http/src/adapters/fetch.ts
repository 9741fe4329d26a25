/** An application for hosts that speak in web Requests and Responses: Deno, Bun, workers, and tests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '../server/application.ts'
import { Host, type Hosted } from './host.ts'
import { applicationOf, type FoundParams, noteParams } from './target.ts'
import { WebIncoming } from './web-incoming.ts'
import { WebOutgoing } from './web-outgoing.ts'

/** What a host calls with each request. */
export interface FetchHandler extends Hosted {
  /** Answer a request. Never rejects: where the client has gone away before there is a response, it is an empty one of status 499. */
  (request: Request): Promise<Response>
}

interface AnswerOptions {
  /** Whether what there is no route for is left to somebody else. */
  readonly passesOn?: boolean
  readonly params?: FoundParams | undefined
}

export class FetchHost {
  readonly #host: Host

  constructor(app: Application) {
    this.#host = new Host(app)
  }

  get hosted(): Hosted {
    return this.#host.hosted
  }

  /** The response to a request; null where there is no route, and it is left to somebody else. */
  answer(request: Request, { passesOn = false, params }: AnswerOptions = {}): Promise<Response | null> {
    return new Promise((resolve) => {
      const arriving = new WebIncoming(request)
      const answering = new WebOutgoing(request, arriving, resolve)
      const incoming = arriving as unknown as IncomingMessage
      const outgoing = answering as unknown as ServerResponse
      noteParams(incoming, params)
      if (!passesOn) return this.#host.handle(incoming, outgoing)
      this.#host.handleOrPass(incoming, outgoing, () => {
        answering.giveUp()
        resolve(null)
      })
    })
  }
}

/**
 * A function from a web Request to a Response, for hosts that take one.
 *
 *     const fetchHandler = toFetchHandler(app)
 *     Deno.serve(fetchHandler)
 *     await fetchHandler(new Request('http://test/hello/world'))
 *
 * Bodies are streamed in both directions. A handler is cancelled when the request's `signal` is aborted, or the body of the response is
 * cancelled. The application starts with the first request, or by `start()`; `stop()` is for when the host stops.
 *
 * A handler's `request.raw` is no message of node:http there, only something that can be read like one. Addresses and TLS are not
 * known; websockets take a server of polvo's own.
 * @throws TypeError for anything but an application
 */
export function toFetchHandler(app: Application): FetchHandler {
  const host = new FetchHost(applicationOf('toFetchHandler()', app, undefined))
  const handler = async (request: Request) => (await host.answer(request)) as Response
  return Object.assign(handler, host.hosted)
}
