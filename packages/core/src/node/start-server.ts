import { lstatSync, unlinkSync } from 'node:fs'
import { Call } from '../coroutine/call.ts'
import type { Awaitable, Checked, Coroutine } from '../coroutine/types.ts'
import { checkFunction, checkLimit } from '../host/checks.ts'
import { openUnixConnection } from './open-connection.ts'
import { type AnyHandler, Server, type ServerOptions } from './server.ts'
import { checkReaderLimit, type StreamReader } from './stream-reader.ts'
import type { StreamWriter } from './stream-writer.ts'

/** What a server calls for each connection, in a task of its own. The connection is closed when it ends. */
export type ConnectionHandler<R = unknown> = (reader: StreamReader, writer: StreamWriter) => R & Checked<R>

/**
 * Listen on a port, and run `handler` for each connection, in a task of its own. Returns the server, which is listening.
 *
 *     const server = yield* startServer(function* (reader, writer) {
 *       yield* forEach(reader, function* (line) { writer.write(line); yield* writer.drain() })
 *     }, '127.0.0.1', 8000)
 *     yield* server.serveForever()
 *
 * The connection is closed when its handler ends; an error is reported to the exception handler, and closes only this one. The
 * server is closed, and its connections cancelled, at the end of the run at the latest. A checkpoint.
 *
 * @param host null for all addresses of this machine
 * @param port 0 for any that is free; `server.port` says which
 * @throws the system's error, with its `code`: EADDRINUSE, EACCES, …
 */
export function startServer<R>(
  handler: ConnectionHandler<R>,
  host: string | null = null,
  port = 0,
  options: ServerOptions = {},
): Awaitable<Server> {
  checkHandler('startServer()', handler, options)
  return new Call(startTcp, [handler, host, port, options], `startServer(${handler.name || 'handler'})`)
}

/**
 * As `startServer`, on a Unix socket, whose file is removed when the server is closed. The file of a server that is gone without
 * having done so is replaced.
 */
export function startUnixServer<R>(
  handler: ConnectionHandler<R>,
  path: string,
  options: ServerOptions = {},
): Awaitable<Server> {
  checkHandler('startUnixServer()', handler, options)
  return new Call(startUnix, [handler, path, options], `startUnixServer(${handler.name || 'handler'})`)
}

function checkHandler(taker: string, handler: unknown, { limit, closeWithin = null }: ServerOptions): void {
  checkFunction(taker, 'a function that is given the reader and the writer of each connection', handler)
  if (limit !== undefined) checkReaderLimit(limit)
  checkLimit('closeWithin', closeWithin)
}

function* startTcp(
  handler: AnyHandler,
  host: string | null,
  port: number,
  options: ServerOptions,
): Coroutine<Server> {
  const server = new Server(handler, options)
  yield* server._listen({ port, backlog: options.backlog ?? 511, ...(host !== null && { host }) })
  return server
}

function* startUnix(handler: AnyHandler, path: string, options: ServerOptions): Coroutine<Server> {
  const listen = function* (): Coroutine<Server> {
    const server = new Server(handler, options)
    yield* server._listen({ path, backlog: options.backlog ?? 511 })
    return server
  }
  try {
    return yield* listen()
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !(yield* isStale(path))) throw error
    unlinkSync(path)
    return yield* listen()
  }
}

/** Whether it is the file of a socket with no server behind it. */
function* isStale(path: string): Coroutine<boolean> {
  if (!lstatSync(path).isSocket()) return false
  try {
    const [, writer] = yield* openUnixConnection(path)
    writer.abort()
    return false
  } catch (error) {
    if (codeOf(error) !== 'ECONNREFUSED') throw error
    return true
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code
}
