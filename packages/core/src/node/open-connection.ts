import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectSecurely } from 'node:tls'
import { Call } from '../coroutine/call.ts'
import { fromEvent } from '../coroutine/from-event.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { runDetached } from '../host/detached.ts'
import { loopForWork } from '../loop/default-loop.ts'
import type { EventLoop } from '../tasks/event-loop.ts'
import { type Connection, connectionOf, SOCKET_OPTIONS } from './connection.ts'
import { checkReaderLimit, type StreamReaderOptions } from './stream-reader.ts'
import type { TlsOptions } from './tls.ts'

/** What a connection is opened with; all of it may be left out. */
export interface OpenConnectionOptions extends StreamReaderOptions {
  /** Speak TLS: true, or what is to be known of certificates. The server has to prove that it is `host`, or `servername`. */
  tls?: boolean | TlsOptions | undefined
}

/**
 * Connect to a host and port, and return the two ends of the connection.
 *
 *     const [reader, writer] = yield* openConnection('example.com', 80)
 *     const answer = yield* use(openConnection(host, port), function* ([reader, writer]) { … })
 *
 * Where the host has several addresses they are tried in turn, each beginning before the one before it has failed for good
 * ("happy eyeballs", RFC 8305). A checkpoint. Cancelled, no connection is left; one that nobody closes is aborted at the end of
 * the run.
 * @throws the system's error, with its `code`: ECONNREFUSED, ENOTFOUND, …; an AggregateError where each address has its own.
 */
export function openConnection(
  host: string,
  port: number,
  { limit, tls = false }: OpenConnectionOptions = {},
): Awaitable<Connection> {
  if (limit !== undefined) checkReaderLimit(limit)
  const target = { ...SOCKET_OPTIONS, host, port, autoSelectFamily: true }
  return new Call(open, [target, tls, limit], `openConnection(${JSON.stringify(host)}, ${port})`)
}

/** As `openConnection`, to a Unix socket. */
export function openUnixConnection(
  path: string,
  { limit, tls = false }: OpenConnectionOptions = {},
): Awaitable<Connection> {
  if (limit !== undefined) checkReaderLimit(limit)
  return new Call(
    open,
    [{ ...SOCKET_OPTIONS, path }, tls, limit],
    `openUnixConnection(${JSON.stringify(path)})`,
  )
}

function* open(
  target: NetConnectOpts,
  tls: boolean | TlsOptions,
  limit: number | undefined,
): Coroutine<Connection> {
  const secured = { ...(typeof tls === 'object' && tls), ...target } as ConnectionOptions
  const socket: Socket = runDetached(() => (tls === false ? connect(target) : connectSecurely(secured)))
  const connection = connectionOf(socket, false, limit)
  let isOpen = false
  try {
    yield* fromEvent(socket, tls === false ? 'connect' : 'secureConnect')
    isOpen = true
    endWithLoop(socket)
    return connection
  } finally {
    if (!isOpen) socket.destroy()
  }
}

/** A connection that was forgotten must not keep the process alive when its run is over. */
function endWithLoop(socket: Socket): void {
  const { _whenClosed } = loopForWork() as EventLoop
  const abort = () => void socket.destroy()
  _whenClosed.add(abort)
  socket.once('close', () => _whenClosed.delete(abort))
}
