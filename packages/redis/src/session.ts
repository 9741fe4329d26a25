/** What runs on a connection of its own: a session, the keys it watches, and a command that blocks. */
import { type Awaitable, type Coroutine, call } from 'polvo'
import { namedCall, outOfRange } from 'polvo/lowlevel'
import { type Batch, type BatchOptions, type BatchResults, record } from './batch.ts'
import { BatchOperation } from './batch-operation.ts'
import { CommandOperation } from './command.ts'
import { Commander, type Commands } from './commander.ts'
import type { Connection } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import { ReplyError, WatchError } from './errors.ts'
import { inspectOf } from './inspect.ts'
import { runScript, type Script } from './script.ts'
import type { SpareConnections } from './spare.ts'
import type { Argument, Encoding } from './wire.ts'

/** Where connections of one's own are taken from: which server has these arguments' keys, and the connections. */
export interface Spares {
  readonly connections: SpareConnections
  endpointFor(name: string, args: readonly Argument[]): Coroutine<Endpoint>
}

/**
 * The commands on a connection that nobody else uses. It is not made again when it is lost: its commands fail with
 * ConnectionError from then on.
 */
export interface Session extends Commands {}

/**
 * The commands on a connection that nobody else uses. It is not made again when it is lost: its commands fail with
 * ConnectionError from then on.
 */
export class Session extends Commander {
  private readonly connection: Connection
  /** @internal */
  _isWatching = false

  /** @internal */
  constructor(connection: Connection) {
    super()
    this.connection = connection
  }

  /** @internal */
  override _command(name: string, args: readonly Argument[], encoding: Encoding): CommandOperation<unknown> {
    return new CommandOperation(this.connection, name, args, encoding)
  }

  /** As `client.pipeline()`. */
  pipeline<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options: BatchOptions = {},
  ): Awaitable<BatchResults<Q>> {
    return new BatchOperation(this.connection, false, record('pipeline', body), options) as never
  }

  /** As `client.multi()`. @throws WatchError where a watched key was changed */
  multi<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options: BatchOptions = {},
  ): Awaitable<BatchResults<Q>> {
    const transaction = new BatchOperation(this.connection, true, record('multi', body), options)
    return namedCall(transaction._describe(), commit, this, transaction) as never
  }

  /** As `client.runScript()`. */
  runScript<T>(
    script: Script<T>,
    keys: readonly (string | Buffer)[],
    args: readonly (string | Buffer | number)[] = [],
  ): Awaitable<T> {
    return namedCall('redis.runScript()', runScript, this, script, keys, args) as never
  }
}

/** Whatever becomes of it, the server forgets the watched keys with EXEC. */
function* commit(session: Session, transaction: BatchOperation): Coroutine<unknown[]> {
  try {
    const results = yield* transaction
    session._isWatching = false
    return results
  } catch (error) {
    if (error instanceof WatchError || isAnswer(error)) session._isWatching = false
    throw error
  }
}

/** What `client.watch` takes beside its body. */
export interface WatchOptions {
  /** How often the body is run at the most, while others change the keys; by default 64. Then WatchError is thrown. */
  attempts?: number | undefined
}

/** The body of a watch, in either spelling. */
export type Body = (session: Session) => unknown

export function* watch(
  spares: Spares,
  keys: readonly (string | Buffer)[],
  body: Body,
  { attempts = 64 }: WatchOptions,
): Coroutine<unknown> {
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw outOfRange(`attempts takes an integer of 1 or more, and was given ${inspectOf(attempts)}.`)
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* withConnection(spares, 'watch', keys, (connection) => watchOnce(connection, keys, body))
    } catch (error) {
      if (!(error instanceof WatchError) || attempt >= attempts) throw error
    }
  }
}

function* watchOnce(
  connection: Connection,
  keys: readonly (string | Buffer)[],
  body: Body,
): Coroutine<unknown> {
  const session = new Session(connection)
  yield* session._command('watch', keys, 'utf8')
  session._isWatching = true
  const result: unknown = yield* call(body as (session: Session) => never, session)
  if (session._isWatching) yield* session._command('unwatch', [], 'utf8')
  return result
}

/** A command whose answer may take as long as it likes. When it is cancelled its connection ends, and with it the wait. */
export function* blocking(
  spares: Spares,
  name: string,
  args: readonly Argument[],
  encoding: Encoding,
): Coroutine<unknown> {
  return yield* withConnection(
    spares,
    name,
    args,
    (connection) => new CommandOperation(connection, name, args, encoding),
  )
}

/** It is given back as good as new where `use` ends well, or fails with what the server answered to a single command. */
export function* withConnection<T>(
  spares: Spares,
  name: string,
  args: readonly Argument[],
  use: (connection: Connection) => Iterable<unknown>,
): Coroutine<T> {
  const connection = yield* spares.connections.take(yield* spares.endpointFor(name, args))
  let isClean = false
  try {
    const result = yield* use(connection) as Coroutine<T>
    isClean = true
    return result
  } catch (error) {
    isClean = error instanceof WatchError || (name !== 'watch' && isAnswer(error))
    throw error
  } finally {
    spares.connections.giveBack(connection, isClean)
  }
}

/** The server has answered, if only with an error. */
function isAnswer(error: unknown): boolean {
  return error instanceof ReplyError
}
