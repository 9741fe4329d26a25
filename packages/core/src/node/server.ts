/**
 * Servers of connections. A server is a task that runs a group, and each connection is a child of that group: so cancelling the
 * server, or the end of the run, cancels and waits for all of them, by the same rules as everywhere.
 *
 * | state   | is true                                             | next    | moved by                                   |
 * |---------|-----------------------------------------------------|---------|--------------------------------------------|
 * | serving | it accepts connections                              | closing | `close`, the end of the run                |
 * | closing | it accepts none; those that are open go on          | gone    | their handlers, the deadline of `waitClosed` |
 * | gone    | nothing is left of it; its task is done             | –       | –                                          |
 */
import { createServer, type Server as Listener, type ListenOptions, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import { fromEvent } from '../coroutine/from-event.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { InvalidStateError, isCancelled } from '../errors.ts'
import { checkLimit } from '../host/checks.ts'
import { runDetached } from '../host/detached.ts'
import { inspectKey } from '../host/inspect.ts'
import { valuesOf } from '../loop/context-values.ts'
import { type CallbackHere, holderHere, platformHere, runCallback } from '../loop/current.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { type TaskGroup, taskGroup } from '../structured/task-group.ts'
import { wait } from '../structured/wait.ts'
import { Event } from '../sync/event.ts'
import { startTask } from '../tasks/create-task.ts'
import type { Task } from '../tasks/task.ts'
import { listeningAddress, type SocketAddress, showAddress } from './address.ts'
import { connectionOf, SOCKET_OPTIONS } from './connection.ts'
import type { StreamReader } from './stream-reader.ts'
import type { StreamWriter } from './stream-writer.ts'
import { HANDSHAKE_MS, type TlsServerOptions } from './tls.ts'

/** What a server is started with; all of it may be left out. */
export interface ServerOptions {
  /** How many bytes may lie before a separator; see `StreamReader`. */
  limit?: number | undefined
  /** Speak TLS, with this key and certificate. */
  tls?: TlsServerOptions | undefined
  /** How many connections may wait to be accepted; by default 511. The system may allow fewer. */
  backlog?: number | undefined
  /**
   * How long connections may go on once the server is closed and somebody waits for that, in milliseconds; then they are
   * cancelled. By default 3,000; null for any time, as in asyncio.
   */
  closeWithin?: number | null | undefined
}

const CLOSE_WITHIN_MS = 3_000

/** A handler of connections, as the server knows it. */
export type AnyHandler = (reader: StreamReader, writer: StreamWriter) => unknown

/** What `startServer` gives: a server that accepts connections until it is closed. As a resource it is closed at the end. */
export class Server implements AsyncDisposable, CallbackHere {
  readonly #listener: Listener
  readonly #handler: AnyHandler
  readonly #limit: number | undefined
  readonly #closeWithin: number | null
  readonly #loop = loopForWork()
  /** @internal Connections are accepted in the context of whoever has started the server; each has variables of its own. */
  readonly _platform = platformHere(this.#loop)
  /** @internal */
  readonly _context = valuesOf(holderHere())
  readonly #task: Task
  readonly #closed = new Event()
  readonly #hungUp = new Event()
  /** Connections that are not TLS yet: nobody's task answers for them. */
  readonly #handshaking = new Set<Socket>()
  #group: TaskGroup | null = null

  /** @internal */
  constructor(handler: AnyHandler, { limit, tls, closeWithin = CLOSE_WITHIN_MS }: ServerOptions) {
    this.#handler = handler
    this.#limit = limit
    this.#closeWithin = closeWithin
    this.#listener = runDetached(() => (tls === undefined ? createServer(SOCKET_OPTIONS) : this.#secure(tls)))
    this.#listener.on(tls === undefined ? 'connection' : 'secureConnection', this.#accept)
    this.#listener.on('error', this.#onError)
    this.#listener.on('listening', this.#onListening)
    this.#listener.on('close', () => this.#hungUp.set())
    this.#task = startTask('startServer', this.#loop, null, { name: 'server', eager: true }, [
      this.#supervise(),
    ])
  }

  #secure(tls: TlsServerOptions): Listener {
    const options = { handshakeTimeout: HANDSHAKE_MS, ...tls, ...SOCKET_OPTIONS }
    const listener = createTlsServer(options)
    listener.on('connection', (socket: Socket) => {
      this.#handshaking.add(socket)
      socket.once('close', () => this.#handshaking.delete(socket))
    })
    return listener
  }

  /** @internal */
  *_listen(where: ListenOptions): Coroutine {
    let isListening = false
    try {
      runDetached(() => this.#listener.listen(where))
      yield* fromEvent(this.#listener, 'listening')
      isListening = true
    } finally {
      if (!isListening) this.close()
    }
  }

  // ---------------------------------------------------------------- its connections

  *#supervise(): Coroutine {
    try {
      yield* taskGroup((group) => this.#untilClosed(group))
    } finally {
      this.close()
      yield* this.#hungUp.wait()
    }
  }

  /** Cancelled, it accepts no more at once: its connections may take a while for their clean-up. */
  *#untilClosed(group: TaskGroup): Coroutine {
    this.#group = group
    try {
      yield* this.#closed.wait()
    } finally {
      this.close()
    }
  }

  readonly #accept = (socket: Socket): void => {
    this.#handshaking.delete(rawSocketOf(socket))
    const [reader, writer] = connectionOf(socket, true, this.#limit)
    if (this.#closed.isSet()) return writer.abort()
    runCallback(this, () => {
      const serving = this.#group?.createTask(this.#serve(reader, writer))
      // Cancelled before its start, it closes nothing itself.
      serving?.addDoneCallback(() => writer.abort())
    })
  };

  /** The connection ends with its handler: what was written is sent first, unless it was cancelled. */
  *#serve(reader: StreamReader, writer: StreamWriter): Coroutine {
    try {
      yield* this.#handle(reader, writer)
      yield* writer[Symbol.asyncDispose]()
    } finally {
      writer.abort()
    }
  }

  *#handle(reader: StreamReader, writer: StreamWriter): Coroutine {
    try {
      yield runInside(this.#handler as (...args: never[]) => unknown, [reader, writer])
    } catch (exception) {
      if (isCancelled(exception)) throw exception
      this.#loop.callExceptionHandler({
        message: 'Unhandled exception in the handler of a connection, which is closed',
        exception,
        server: this,
      })
    }
  }

  /** Closed while it looked up its host: Node goes on all the same. */
  readonly #onListening = (): void => {
    if (this.#closed.isSet()) this.#listener.close()
  }

  readonly #onError = (exception: unknown): void => {
    if (this.#listener.listening) {
      this.#loop.callExceptionHandler({ message: 'A connection was not accepted', exception, server: this })
    }
  }

  // ---------------------------------------------------------------- for its owner

  /** Where it listens; empty once it is closed. */
  get sockets(): readonly SocketAddress[] {
    const address = this.isServing() ? listeningAddress(this.#listener) : undefined
    return address === undefined ? [] : [address]
  }

  /** The port it listens on; 0 for a Unix socket, and once it is closed. */
  get port(): number {
    const [address] = this.sockets
    return address !== undefined && 'port' in address ? address.port : 0
  }

  /** Whether it accepts connections. */
  isServing(): boolean {
    return this.#listener.listening && !this.#closed.isSet()
  }

  /** Accept no more connections; those that are open go on. Does not wait. A second call does nothing. */
  close(): void {
    if (this.#closed.isSet()) return
    this.#closed.set()
    if (this.#listener.listening) this.#listener.close()
    else this.#listener.close(() => this.#hungUp.set())
    for (const socket of this.#handshaking) socket.destroy()
  }

  /**
   * Wait until the server is closed and its connections are. Those that are still open `within` milliseconds after (`closeWithin`
   * of `startServer` by default; null for any time) are cancelled, and have the usual time for their clean-up. Any number of
   * tasks may wait; cancelling one changes nothing. A checkpoint only where it waits.
   */
  waitClosed({ within = this.#closeWithin }: { within?: number | null } = {}): Awaitable<void> {
    checkLimit('waitClosed({ within })', within)
    return new Call(this.#waitClosed, [within], 'server.waitClosed', 0, this)
  }

  *#waitClosed(within: number | null): Coroutine {
    yield* this.#closed.wait()
    if (this.#task.done()) return
    yield* wait([this.#task], { timeout: within })
    if (this.#task.done()) return
    this.#task.cancel(`the server was closed ${within} ms ago`)
    yield* wait([this.#task])
  }

  /**
   * Wait until somebody closes the server and its connections are gone; cancelled, close it and wait for that.
   * @throws InvalidStateError where it is closed already.
   */
  serveForever(): Awaitable<void> {
    return new Call(this.#serveForever, [], 'server.serveForever', 0, this)
  }

  *#serveForever(): Coroutine {
    if (this.#closed.isSet()) throw new InvalidStateError('The server is closed; start a new one.')
    try {
      yield* this.#closed.wait()
    } finally {
      this.close()
      yield* this.waitClosed()
    }
  }

  /** As a resource: close it, and wait for its connections as `waitClosed` does. */
  [Symbol.asyncDispose](): Awaitable<void> {
    this.close()
    return this.waitClosed()
  }

  toString(): string {
    const state = this.isServing() ? 'serving' : this.#task.done() ? 'gone' : 'closing'
    return `<Server ${this.sockets.map(showAddress).join(', ')}${this.isServing() ? ' ' : ''}${state}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** The socket that a TLS socket was put on, which Node tells nowhere else. */
function rawSocketOf(socket: Socket): Socket {
  return (socket as { _parent?: Socket | null })._parent ?? socket
}
