import { inspect } from 'node:util'
import {
  type Awaitable,
  type Checked,
  type Coroutine,
  moveOnAfter,
  type ProvidedResource,
  type Result,
  resource,
} from 'polvo'
import { misuse, namedCall } from 'polvo/lowlevel'
import { type Batch, type BatchOptions, type BatchResults, record } from './batch.ts'
import { BatchOperation } from './batch-operation.ts'
import { ClusterConnections } from './cluster.ts'
import { CommandOperation, describeCommand } from './command.ts'
import { Commander, type Commands } from './commander.ts'
import { type Carrier, Connection } from './connection.ts'
import { ConsumerGroup, type ConsumerGroupOptions } from './consumer-group.ts'
import { type ClientOptions, Endpoint } from './endpoint.ts'
import type { RedisError } from './errors.ts'
import { inspectOf } from './inspect.ts'
import { type LockOptions, lock, type RedisLock } from './lock.ts'
import { runScript, type Script } from './script.ts'
import {
  type Body,
  blocking,
  Session,
  type Spares,
  type WatchOptions,
  watch,
  withConnection,
} from './session.ts'
import { SpareConnections } from './spare.ts'
import { StreamReader, type StreamReaderOptions } from './stream-reader.ts'
import { Subscriber } from './subscriber.ts'
import { type SubscribeOptions, Subscription } from './subscription.ts'
import type { Argument, Encoding } from './wire.ts'

/** A snapshot of a client's connections. */
export interface ClientStats {
  /** Commands that stand in line, or wait for their reply, on the connection that all share. */
  readonly pending: number
  /** Connections beside the shared one, for what needs its own. */
  readonly connections: number
  /** Those of them that are kept for later. */
  readonly idle: number
}

/** What a client carries its commands with. */
interface Trunk extends Carrier {
  readonly load: number
  shut(): void
  whenQuiet(): Awaitable<void>
  destroy(): Awaitable<void>
}

const CLOSE_GRACE = 1000

const BLOCKING: ReadonlySet<string> = new Set([
  'blmove',
  'blmpop',
  'blpop',
  'brpop',
  'brpoplpush',
  'bzmpop',
  'bzpopmax',
  'bzpopmin',
])

function isBlocking(name: string, args: readonly Argument[]): boolean {
  if (name === 'xread' || name === 'xreadgroup') {
    return args.some((arg) => typeof arg === 'string' && arg.toUpperCase() === 'BLOCK')
  }
  return BLOCKING.has(name)
}

/** A client of Redis: all commands, and what the library adds. See `createClient`. */
export interface Client extends Commands {}

/**
 * A client of Redis: all commands, and what the library adds. See `createClient`.
 *
 * A command throws, when it is awaited, a ReplyError where the server answered with an error, ConnectionError where there was no
 * answer, InvalidStateError once the client is closed, and TypeError for an argument that cannot be sent.
 */
export class Client extends Commander implements AsyncDisposable {
  private readonly endpoint: Endpoint
  private readonly trunk: Trunk
  private readonly spares: Spares
  private readonly subscriber: Subscriber
  private isClosed = false

  /** @internal */
  constructor(options: ClientOptions) {
    super()
    const endpoint = new Endpoint(options)
    const connections = new SpareConnections(endpoint.maxConnections)
    this.endpoint = endpoint
    this.subscriber = new Subscriber(endpoint)
    if (endpoint.cluster === null) {
      const forBlocking = endpoint.forBlocking()
      this.trunk = new Connection(endpoint)
      this.spares = { connections, endpointFor: () => only(forBlocking) }
    } else {
      const trunk = new ClusterConnections(endpoint)
      this.trunk = trunk
      this.spares = { connections, endpointFor: (name, args) => trunk.endpointFor(name, args) }
    }
  }

  /** @internal */
  override _command(name: string, args: readonly Argument[], encoding: Encoding): Awaitable<unknown> {
    if (isBlocking(name, args)) {
      return namedCall(describeCommand(name, args), blocking, this.spares, name, args, encoding)
    }
    return new CommandOperation(this.trunk, name, args, encoding)
  }

  // ---------------------------------------------------------------- several commands

  /**
   * Send several commands in one piece, and wait for all of their replies. The body records them, and returns those whose
   * results are wanted; it is called at once.
   *
   *     const [, hits] = await client.pipeline((p) => [p.set('a', 1), p.incr('hits')])
   *
   * Others may come in between: for all or nothing see `multi`. Throws the first error of a command, when all have their
   * replies; with `{ raiseOnError: false }` each error stands in the place of a result. Cancelled before it was sent: nothing
   * was. A checkpoint.
   */
  pipeline<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options: BatchOptions & { raiseOnError: false },
  ): Awaitable<BatchResults<Q, RedisError>>
  pipeline<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options?: BatchOptions,
  ): Awaitable<BatchResults<Q>>
  pipeline<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options: BatchOptions = {},
  ): Awaitable<BatchResults<Q>> {
    return new BatchOperation(this.trunk, false, record('pipeline', body), options) as never
  }

  /**
   * As `pipeline`, as one transaction (MULTI, EXEC): all commands are carried out, and nothing of others in between; or none,
   * where one cannot be (ExecAbortError). One that fails when it is carried out does not undo the others: this is Redis.
   */
  multi<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options: BatchOptions & { raiseOnError: false },
  ): Awaitable<BatchResults<Q, RedisError>>
  multi<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options?: BatchOptions,
  ): Awaitable<BatchResults<Q>>
  multi<const Q extends readonly unknown[]>(
    body: (batch: Batch) => Q,
    options: BatchOptions = {},
  ): Awaitable<BatchResults<Q>> {
    return new BatchOperation(this.trunk, true, record('multi', body), options) as never
  }

  /**
   * Read keys, and write what follows from them, as long as nobody else changes them in between; otherwise again, from the
   * beginning. The body reads with the session it is given, on a connection of its own, and awaits `session.multi(…)` last.
   *
   *     await client.watch('stock', async (session) => {
   *       const left = Number(await session.get('stock'))
   *       if (left > 0) await session.multi((tx) => [tx.decr('stock')])
   *       return left > 0
   *     })
   *
   * Returns what the body returns. A checkpoint. @throws WatchError when that did not help `attempts` times
   */
  watch<R>(
    keys: string | Buffer | readonly (string | Buffer)[],
    body: (session: Session) => R & Checked<R>,
    options: WatchOptions = {},
  ): Awaitable<Result<R>> {
    const list = Array.isArray(keys) ? keys : [keys as string]
    const what = `redis.watch(${list.map(String).join(', ')})`
    return namedCall(what, watch, this.spares, list, body as Body, options) as never
  }

  /**
   * A connection of one's own, to be opened with `use`: for what must not wait behind others, or others behind it. A resource;
   * the connection is kept for the next one, unless something of it was not answered.
   */
  session(): ProvidedResource<Session> {
    const { spares } = this
    return resource<Session>(function* (provide) {
      yield* withConnection(spares, 'session', [], (connection) => provide(new Session(connection)))
    })
  }

  /** Run a script on the server: by its name (EVALSHA), and where the server does not know it, whole (EVAL). A checkpoint. */
  runScript<T>(
    script: Script<T>,
    keys: readonly (string | Buffer)[],
    args: readonly (string | Buffer | number)[] = [],
  ): Awaitable<T> {
    return namedCall('redis.runScript()', runScript, this as never, script, keys, args) as never
  }

  // ---------------------------------------------------------------- messages

  /**
   * Listen to channels: an operation that gives the subscription once the server has confirmed it.
   *
   *     using news = await client.subscribe(['news', 'sport'])
   *     for await (const { channel, message } of news) …
   *
   * All subscriptions of a client share one connection. When it is lost it is made again, however long that takes, and what was
   * said meanwhile is missed: publish and subscribe promise no more; streams do. A checkpoint.
   */
  subscribe<B extends boolean = false>(
    channels: string | readonly string[],
    options: SubscribeOptions<B> = {},
  ): Awaitable<Subscription<B extends true ? Buffer : string>> {
    return this.listen('subscribe', channels, options)
  }

  /** As `subscribe`, to all channels that match patterns such as `news.*`; a message tells which `pattern` it matched. */
  psubscribe<B extends boolean = false>(
    patterns: string | readonly string[],
    options: SubscribeOptions<B> = {},
  ): Awaitable<Subscription<B extends true ? Buffer : string>> {
    return this.listen('psubscribe', patterns, options)
  }

  private listen<B extends boolean>(
    kind: 'subscribe' | 'psubscribe',
    given: string | readonly string[],
    options: SubscribeOptions<B>,
  ): Awaitable<Subscription<B extends true ? Buffer : string>> {
    const names = typeof given === 'string' ? [given] : [...given]
    if (names.length === 0)
      throw misuse(`${kind}() takes the name of a channel, or several; it was given none.`)
    const subscription = new Subscription(this.subscriber, kind, names, options)
    return namedCall(`redis.${kind}(${names.join(', ')})`, open, subscription) as never
  }

  // ---------------------------------------------------------------- streams and locks

  /**
   * The entries of one or more streams as they come, for `for await` and `forEach`, to any number of readers. It reads in
   * batches, waits while there is nothing new, and goes on after the last entry it has read when a connection is lost.
   */
  readStream(streams: string | readonly string[], options: StreamReaderOptions = {}): StreamReader {
    return new StreamReader(this, typeof streams === 'string' ? [streams] : [...streams], options)
  }

  /**
   * The entries of a stream, shared among the consumers of a group: each is somebody's job until it is acknowledged. The group is
   * made where there is none. `consumer` is the name of this one, and the same again after a crash.
   */
  consumerGroup(
    stream: string,
    group: string,
    consumer: string,
    options: ConsumerGroupOptions = {},
  ): ConsumerGroup {
    return new ConsumerGroup(this, stream, group, consumer, options)
  }

  /**
   * A lock that holds across processes, to be opened with `use`. It is kept by renewing it; when it is lost all the same, the body
   * is cancelled and LockNotOwnedError thrown.
   *
   *     await use(client.lock('nightly-report', { ttl: 30_000 }), async (held) => { … })
   *
   * It rests on one server's memory: after a failover two may hold it for a while. Where that matters let what is written check
   * `held.token`. A checkpoint.
   */
  lock(name: string, options: LockOptions): ProvidedResource<RedisLock> {
    return lock(this, name, options)
  }

  // ---------------------------------------------------------------- the end

  /** Whether `close` was begun. */
  get closed(): boolean {
    return this.isClosed
  }

  /** A snapshot of the connections, for monitoring. */
  stats(): ClientStats {
    const { connections, idle } = this.spares.connections.stats
    return { pending: this.trunk.load, connections, idle }
  }

  /**
   * Close the client: what was awaited before has one second to come to its end, then it fails; subscriptions end; new commands
   * throw InvalidStateError. Waits until every socket is closed; cancelling it closes at once. A second call waits as well.
   */
  close(): Awaitable<void> {
    this.isClosed = true
    return namedCall('client.close()', close, this.trunk, this.subscriber, this.spares.connections)
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.close()
  }

  override toString(): string {
    const { pending, connections } = this.stats()
    const state = this.isClosed ? 'closed' : 'open'
    return `<Client ${this.endpoint.address} ${state} pending=${pending} connections=${connections}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function* only(endpoint: Endpoint): Coroutine<Endpoint> {
  return endpoint
}

function* open(subscription: Subscription<unknown>): Coroutine<Subscription<unknown>> {
  yield* subscription._open()
  return subscription
}

function* close(trunk: Trunk, subscriber: Subscriber, connections: SpareConnections): Coroutine {
  trunk.shut()
  try {
    yield* moveOnAfter(CLOSE_GRACE, () => trunk.whenQuiet())
  } finally {
    trunk.destroy()
    subscriber.destroy()
  }
  yield* connections.close()
  yield* trunk.destroy()
}

/**
 * Make a client: one for a program. It connects when the first command is awaited, and again when the connection is lost.
 *
 *     await using client = createClient('redis://localhost:6379/0')
 *     await client.set('greeting', 'hello', 'EX', 60)
 *     console.log(await client.get('greeting'))
 *
 * All commands share a connection and go out together, without waiting for each other's replies; those that block have
 * connections of their own. Cancelling a task that awaits a command drops the command where it was not sent yet; one that was
 * sent keeps its place, and its reply is dropped when it comes; one that blocks ends its connection. A reply never reaches
 * anybody else.
 *
 * @param server a `redis:`, `rediss:` or `unix:` URL, or options
 * @throws TypeError, RangeError for options that cannot be
 */
export function createClient(server: string | URL | ClientOptions = {}): Client {
  if (typeof server === 'string' || server instanceof URL) return new Client({ url: server })
  if (typeof server !== 'object' || server === null) {
    throw misuse(`createClient() takes a URL or options, and was given ${inspectOf(server)}.`)
  }
  return new Client(server)
}
