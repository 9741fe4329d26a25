/**
 * A server of an application on node:http: it listens, hands requests over, and stops gracefully. It is a task, inside which the
 * application's resources are open; each request is a task of its own, which the server answers for.
 *
 * | state    | is true                                                         | next     | moved by                          |
 * |----------|-----------------------------------------------------------------|----------|-----------------------------------|
 * | starting | resources are being opened; it does not listen                  | serving, gone | the resources, a failure     |
 * | serving  | it accepts connections and answers                              | stopping | `stop`, the end of the run        |
 * | stopping | it accepts none; handlers go on until the deadline              | gone     | the handlers, the deadline        |
 * | gone     | no handler, connection or resource is left; its task is done    | –        | –                                 |
 */
import type { Server as HttpListener, IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, type ListenOptions, Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import {
  type Awaitable,
  type Coroutine,
  createTask,
  Event,
  Future,
  fromEvent,
  InvalidStateError,
  isCancelled,
  moveOnAfter,
  type Task,
  wait,
} from 'polvo'
import { misuse, namedCall, runDetached } from 'polvo/lowlevel'
import type { SocketAddress } from 'polvo/node'
import { Application } from './application.ts'
import { Connections } from './connections.ts'
import { showKind } from './describe.ts'
import { withApplication } from './lifetime.ts'
import type { RunningApplication, StopReport } from './running-application.ts'
import { listenerFor, type ServeOptions } from './serve-options.ts'

const PORT = 8080
const HOST = '127.0.0.1'
const STOP_WITHIN_MS = 10_000
/** How long responses that are written may take to be sent, when the server stops. */
const FLUSH_MS = 2_000

/** What `serve` gives: a server that answers until it is stopped. As a resource it is stopped at the end. */
export class HttpServer implements AsyncDisposable {
  readonly #app: Application
  readonly #options: ServeOptions
  readonly #listener: HttpListener
  readonly #connections = new Connections()
  readonly #started = new Future<void>()
  readonly #stop = new Event()
  readonly #hungUp = new Event()
  #task: Task<StopReport> | null = null
  #running: RunningApplication | null = null
  #stopWithin: number | null
  #state: 'starting' | 'serving' | 'stopping' | 'gone' = 'starting'

  /** @internal */
  constructor(app: Application, options: ServeOptions) {
    this.#app = app
    this.#options = options
    this.#stopWithin = options.stopWithin === undefined ? STOP_WITHIN_MS : options.stopWithin
    this.#listener = runDetached(listenerFor, options)
    const connections = this.#connections
    if (options.tls === undefined)
      this.#listener.on('connection', (socket: Socket) => connections.opened(socket))
    else {
      this.#listener.on('connection', (socket: Socket) => connections.beginsHandshake(socket))
      this.#listener.on('secureConnection', (socket: Socket) => connections.opened(socket))
    }
    this.#listener.on('request', this.#onRequest)
    this.#listener.on('close', () => this.#hungUp.set())
    this.#listener.on('error', this.#onError)
  }

  /** @internal */
  *_start(): Coroutine {
    this.#task = createTask({ name: 'http server' }, () => this.#supervise()) as Task<StopReport>
    this.#task.addDoneCallback((task) => {
      if (!this.#started.done()) settleLike(task, this.#started)
    })
    try {
      yield* this.#started
    } catch (error) {
      if (isCancelled(error) && !this.#task.done()) {
        this.#task.cancel('the wait for its start was cancelled')
        yield* wait([this.#task])
      }
      throw error
    }
  }

  *#supervise(): Coroutine<StopReport> {
    try {
      return yield* withApplication(this.#app, (running) => this.#serve(running))
    } finally {
      this.#state = 'gone'
    }
  }

  *#serve(running: RunningApplication): Coroutine<StopReport> {
    this.#running = running
    if (running.hasWebSockets) this.#listener.on('upgrade', this.#onUpgrade)
    try {
      yield* this.#listen()
      this.#state = 'serving'
      if (!this.#started.done()) this.#started.setResult()
      yield* this.#stop.wait()
      this.#state = 'stopping'
      this.#close()
      running.beginStop()
      this.#connections.closeIdle()
      const report = yield* running.drain(this.#stopWithin)
      yield* this.#flush()
      return report
    } finally {
      this.#state = 'stopping'
      this.#close()
      yield* running.close()
      this.#connections.closeAll()
      yield* this.#allClosed()
    }
  }

  *#listen(): Coroutine {
    if (this.#options.isInMemory === true) return
    const { port = PORT, host = HOST, path, backlog = 511, reusePort = false } = this.#options
    const where: ListenOptions = path === undefined ? { port, host, backlog, reusePort } : { path, backlog }
    runDetached(() => this.#listener.listen(where))
    yield* fromEvent(this.#listener, 'listening')
  }

  /** @internal A connection that has not come by the network. */
  _inject(socket: Socket): void {
    if (this.isServing()) this.#listener.emit('connection', socket)
    else socket.destroy()
  }

  /** Accept no more. Node's http server would close connections as well, some of which are still sending. */
  #close(): void {
    if (this.#hungUp.isSet()) return
    if (this.#listener.listening) NetServer.prototype.close.call(this.#listener)
    else this.#hungUp.set()
  }

  /** What is written is sent, as far as the clients take it. */
  *#flush(): Coroutine {
    this.#connections.closeIdle()
    yield* moveOnAfter(FLUSH_MS, () => this.#allClosed())
  }

  /** Sockets tell of their end after the listener. */
  *#allClosed(): Coroutine {
    yield* this.#hungUp.wait()
    yield* this.#connections.whenNone()
  }

  readonly #onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    this.#connections.responding(incoming.socket, outgoing)
    this.#running?.handle(incoming, outgoing)
  }

  readonly #onUpgrade = (incoming: IncomingMessage, stream: Duplex, head: Buffer): void => {
    this.#connections.upgraded(stream as Socket)
    this.#running?.handleUpgrade(incoming, stream, head)
  }

  readonly #onError = (exception: unknown): void => {
    if (this.#listener.listening) this.#running?.report('A connection was not accepted', exception)
  }

  // ---------------------------------------------------------------- for its owner

  /** Where it listens; undefined once it does not. */
  get address(): SocketAddress | undefined {
    const address = this.#listener.address()
    if (address === null) return undefined
    if (typeof address === 'string') return { path: address }
    const { port, family } = address
    return { address: address.address, port, family: family as 'IPv4' | 'IPv6' }
  }

  /** The port it listens on; 0 for a Unix socket, and once it does not. */
  get port(): number {
    const address = this.#listener.address() as AddressInfo | string | null
    return address === null || typeof address === 'string' ? 0 : address.port
  }

  /** What to ask it by: `http://127.0.0.1:8080`; for a Unix socket the path of that; empty once it does not listen. */
  get url(): string {
    const { address } = this
    if (address === undefined) return ''
    if ('path' in address) return address.path
    const scheme = this.#options.tls === undefined ? 'http' : 'https'
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
    return `${scheme}://${host}:${address.port}`
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size
  }

  /** How many requests are being handled: those whose handler has suspended. */
  get requests(): number {
    return this.#running?.underWay ?? 0
  }

  /** Whether it accepts connections. */
  isServing(): boolean {
    return this.#state === 'serving' && !this.#stop.isSet()
  }

  /**
   * Stop: accept no more connections, close those that are idle, let the requests that are under way end for up to `within`
   * milliseconds (`stopWithin` of `serve` by default, null for any time), cancel the rest and wait for their clean-up, close the
   * application's resources. Says what had to be cancelled. A second call waits as well; cancelling one changes nothing. A checkpoint.
   * @throws what closing a resource throws
   */
  stop({ within }: { within?: number | null } = {}): Awaitable<StopReport> {
    return namedCall('server.stop()', stop, this, within)
  }

  /** @internal */
  *_stop(within: number | null | undefined): Coroutine<StopReport> {
    if (!this.#stop.isSet()) {
      if (within !== undefined) this.#stopWithin = within
      this.#stop.set()
    }
    const task = this.#task as Task<StopReport>
    yield* wait([task])
    if (task.cancelled()) return { finished: 0, cancelled: [], refused: [] }
    return task.result()
  }

  /**
   * Wait until somebody stops the server; cancelled, stop it gracefully and wait for that. A checkpoint.
   * @throws InvalidStateError where it is stopped already
   */
  serveForever(): Awaitable<void> {
    return namedCall('server.serveForever()', serveForever, this)
  }

  /** @internal */
  *_serveForever(): Coroutine {
    if (this.#stop.isSet())
      throw new InvalidStateError('The server is stopped already; serve the application again.')
    try {
      yield* wait([this.#task as Task])
    } finally {
      yield* this._stop(undefined)
    }
  }

  /** For `await using` and `use`: as `stop()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return namedCall('server.stop()', stopQuietly, this)
  }

  toString(): string {
    return `<HttpServer ${this.#state}${this.url === '' ? '' : ` ${this.url}`} connections=${this.connections}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function* stop(server: HttpServer, within: number | null | undefined): Coroutine<StopReport> {
  return yield* server._stop(within)
}

function* stopQuietly(server: HttpServer): Coroutine {
  yield* server._stop(undefined)
}

function* serveForever(server: HttpServer): Coroutine {
  yield* server._serveForever()
}

function settleLike(task: Task<unknown>, future: Future<void>): void {
  if (task.cancelled()) future.cancel()
  else
    future.setException(
      task.exception() ?? new InvalidStateError('The server was stopped before it had started.'),
    )
}

/**
 * Serve an application: open its resources, listen, and answer requests until the server is stopped. Returns the server, which is
 * listening.
 *
 *     yield* use(serve(app, { port: 8080 }), (server) => server.serveForever())
 *
 * The server is stopped at the end of the run at the latest. A checkpoint.
 *
 * @throws the system's error, with its `code`: EADDRINUSE, EACCES, …; what a resource throws as it is opened; TypeError for arguments
 *   that cannot be, InvalidStateError where the application runs already
 */
export function serve(app: Application, options: ServeOptions = {}): Awaitable<HttpServer> {
  if (!(app instanceof Application))
    throw misuse(`serve() takes an Application, and was given ${showKind(app)}.`)
  return namedCall('serve()', start, app, options)
}

function* start(app: Application, options: ServeOptions): Coroutine<HttpServer> {
  const server = new HttpServer(app, options)
  yield* server._start()
  return server
}
