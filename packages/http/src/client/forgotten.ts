/**
 * Responses that were forgotten: collected as garbage, neither read to their end nor closed. Each holds a
 * connection that nobody else can use, so it is closed, and the loop that asked for it is told. And sessions
 * that were, with connections still open.
 */
import { type EventLoop, getRunningLoop } from 'polvo'
import type { RequestInfo } from './errors.ts'
import type { OpenSockets } from './open-sockets.ts'
import type { ConnectionPool } from './pool.ts'

/** What a response holds: its exchange. */
export interface Held extends RequestInfo {
  readonly status: number
  readonly isOver: boolean
  /** It calls `forgetForgotten` when it is over. */
  isWatched: boolean
  abort(error: unknown): void
}

interface Forgotten {
  readonly exchange: Held
  readonly loop: WeakRef<EventLoop>
}

const collected = new FinalizationRegistry<Forgotten>(({ exchange, loop }) => {
  if (exchange.isOver) return
  exchange.abort(null)
  const message =
    `Unclosed response: ${exchange.method} ${exchange.url} was answered with ${exchange.status}, ` +
    "then neither read to its end nor closed. Open it with use() or 'await using'."
  const listener = loop.deref()
  if (listener === undefined) process.emitWarning(message, 'PolvoWarning')
  else listener.callExceptionHandler({ message })
})

/**
 * Watch `response`, which a coroutine is about to hand out, until its exchange is over. The exchange must not
 * hold it.
 */
export function watchForgotten(response: object, exchange: Held): void {
  exchange.isWatched = true
  collected.register(response, { exchange, loop: new WeakRef(getRunningLoop()) }, exchange)
}

export function forgetForgotten(exchange: Held): void {
  collected.unregister(exchange)
}

interface Unclosed {
  readonly pool: ConnectionPool
  readonly sockets: OpenSockets
}

const collectedSessions = new FinalizationRegistry<Unclosed>(({ pool, sockets }) => {
  const { connections } = pool.stats
  if (pool.isShut || connections + sockets.size === 0) return
  pool.shut(() => null)
  const held = `${connections} connections and ${sockets.size} websockets`
  process.emitWarning(
    `Unclosed session: it was collected with ${held} open. Close it, or open it with 'await using'.`,
    'PolvoWarning',
  )
})

/** Watch `session`, which neither `pool` nor `sockets` may hold. What is under way then may come to its end. */
export function watchUnclosed(session: object, pool: ConnectionPool, sockets: OpenSockets): void {
  collectedSessions.register(session, { pool, sockets })
}
