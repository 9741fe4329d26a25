/** A request from its draft to its response: through the pool, along the redirects. */
import { type Coroutine, InvalidStateError } from 'polvo'
import { ClientResponseError, checkCount, TooManyRedirects } from './errors.ts'
import { Exchange } from './exchange.ts'
import { watchForgotten } from './forgotten.ts'
import type { ConnectionPool } from './pool.ts'
import { locationOf, redirected } from './redirects.ts'
import { type Draft, outgoingRequest, type RequestDefaults } from './request.ts'
import { ClientResponse } from './response.ts'

/** What of a session its requests need. */
export interface Sender {
  readonly pool: ConnectionPool
  readonly defaults: RequestDefaults
}

/** Send `draft`, and return the response that no redirect follows. Its name is what reports show. */
export function* request(draft: Draft, { pool, defaults }: Sender): Coroutine<ClientResponse> {
  const { allowRedirects = true, raiseForStatus = defaults.raiseForStatus } = draft.options
  const maxRedirects = checkCount('maxRedirects', draft.options.maxRedirects ?? defaults.maxRedirects)
  let outgoing = outgoingRequest(draft, defaults)
  let history = noHistory
  for (;;) {
    if (pool.isShut) throw new InvalidStateError(`${draft}: the session is closed; make a new one.`)
    const exchange = new Exchange(pool, outgoing)
    yield* exchange.head()
    const response = new ClientResponse(exchange, history)
    const location = allowRedirects ? locationOf(exchange) : null
    if (location === null) {
      if (raiseForStatus && !response.ok) throw refused(response)
      if (!exchange.isOver) watchForgotten(response, exchange)
      return response
    }
    history = [...history, response]
    try {
      yield* response.release()
    } finally {
      response.close() // Where the release was cancelled.
    }
    if (history.length > maxRedirects) throw tooMany(history)
    outgoing = redirected(exchange, location)
  }
}

const noHistory: readonly ClientResponse[] = []

/** Nobody will see the response, so its body is dropped. */
function refused(response: ClientResponse): ClientResponseError {
  response.release()
  return new ClientResponseError(response)
}

function tooMany(history: readonly ClientResponse[]): TooManyRedirects {
  const urls = history.map(({ url }) => url)
  return new TooManyRedirects(history.at(-1) as ClientResponse, urls)
}
