/**
 * Streams without a system: connections in memory, on the clock of the loop. In virtual time a slow network takes no time, and with
 * the same seed it does the same.
 */
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import { sleep } from '../coroutine/sleep.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { isCancelled } from '../errors.ts'
import { loopForWork } from '../loop/default-loop.ts'
import type { InternetAddress } from '../node/address.ts'
import { type Connection, feedFrom } from '../node/connection.ts'
import { StreamReader } from '../node/stream-reader.ts'
import { StreamWriter } from '../node/stream-writer.ts'
import { type TaskGroup, taskGroup } from '../structured/task-group.ts'
import { wait } from '../structured/wait.ts'
import { Event } from '../sync/event.ts'
import { startTask } from '../tasks/create-task.ts'
import type { EventLoop } from '../tasks/event-loop.ts'
import type { Task } from '../tasks/task.ts'
import { checkInteger } from './arguments.ts'
import { Link, type LinkOptions } from './memory-link.ts'
import { MemorySocket } from './memory-socket.ts'
import { Seeded } from './seeded.ts'

/** What `memoryStreamPair` and `memoryNetwork` take; all of it may be left out. */
export interface MemoryStreamOptions extends LinkOptions {
  /** Where the random numbers begin; by default 1. */
  seed?: number | undefined
  /** How many bytes may lie before a separator; see `StreamReader`. */
  limit?: number | undefined
}

/** The two ends of a connection in memory, each with a reader and a writer. */
export type MemoryStreamPair = readonly [Connection, Connection] & {
  /** Cut the connection: reads and drains of both ends throw `error`, by default an ECONNRESET. A second call does nothing. */
  lose(error?: Error): void
}

/**
 * Two ends that are connected in memory, by the clock of the running loop: what one writes the other reads, after `latency`, in pieces of
 * `chunk` bytes. Each end can be closed, ended in one direction, and lost. Not a checkpoint.
 * @throws TypeError and RangeError for options that cannot be.
 */
export function memoryStreamPair({ seed = 1, limit, ...link }: MemoryStreamOptions = {}): MemoryStreamPair {
  checkInteger('memoryStreamPair({ seed })', seed, 0, Number.MAX_SAFE_INTEGER)
  const way = new Link('memoryStreamPair', link, new Seeded(seed))
  const [first, second] = socketPair(way, addressOf(1), addressOf(2))
  return Object.assign([connectionOf(first, limit), connectionOf(second, limit)] as const, {
    lose: (error?: Error) => first.lose(error),
  })
}

function socketPair(
  link: Link,
  here: InternetAddress,
  there: InternetAddress,
): readonly [MemorySocket, MemorySocket] {
  const loop = loopForWork()
  const pair = [new MemorySocket(loop, link, here), new MemorySocket(loop, link, there)] as const
  MemorySocket.connect(...pair)
  return pair
}

function addressOf(port: number, address = '127.0.0.1'): InternetAddress {
  return { address, port, family: 'IPv4' }
}

function connectionOf(socket: MemorySocket, limit: number | undefined): Connection {
  // It has of Node's classes what reader and writer use, and no more.
  const reader = new StreamReader({ limit })
  const writer = new StreamWriter(socket as unknown as Socket)
  feedFrom(socket as unknown as Readable, reader)
  return Object.assign([reader, writer] as const, {
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  })
}

/** What serves a connection: a function of either spelling. The connection is closed when it ends. */
export type MemoryHandler = (reader: StreamReader, writer: StreamWriter) => unknown

/** A network in memory. Its connections have what `memoryStreamPair` has. */
export interface MemoryNetwork {
  /**
   * Accept connections: each is served by `handler` in a task of its own. Not a checkpoint. With port 0, which is the default, any
   * free port. As a resource it is closed at the end.
   * @throws an error with the code EADDRINUSE where somebody listens there.
   */
  startServer(handler: MemoryHandler, host?: string, port?: number): MemoryServer
  /**
   * Connect to a server, which takes one latency. Cancelled, there is no connection. A checkpoint.
   * @throws an error with the code ECONNREFUSED where nobody listens.
   */
  openConnection(host: string, port: number): Awaitable<Connection>
  /** Cut all connections there are, as `lose` of a pair does. */
  loseAll(error?: Error): void
}

/**
 * A network in memory, by the clock of the running loop; see `memoryStreamPair` for its options, which are those of each connection.
 * Called inside a run.
 * @throws TypeError and RangeError for options that cannot be.
 */
export function memoryNetwork(options: MemoryStreamOptions = {}): MemoryNetwork {
  checkInteger('memoryNetwork({ seed })', options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER)
  return new Network(options)
}

class Network implements MemoryNetwork {
  readonly #options: MemoryStreamOptions
  readonly #random: Seeded
  readonly #servers = new Map<string, MemoryServer>()
  readonly #sockets = new Set<MemorySocket>()
  #nextPort = 49_152

  constructor(options: MemoryStreamOptions) {
    this.#options = options
    this.#random = new Seeded(options.seed ?? 1)
    this.#link()
  }

  startServer(handler: MemoryHandler, host = '127.0.0.1', port = 0): MemoryServer {
    const chosen = port === 0 ? this.#nextPort++ : port
    const name = `${host}:${chosen}`
    if (this.#servers.has(name)) throw systemError('EADDRINUSE', `listen EADDRINUSE: ${name}`)
    const server = new MemoryServer(handler, chosen, () => this.#servers.delete(name))
    this.#servers.set(name, server)
    return server
  }

  openConnection(host: string, port: number): Awaitable<Connection> {
    return new Call(this.#open, [host, port], 'network.openConnection', 2, this)
  }

  *#open(host: string, port: number): Coroutine<Connection> {
    const link = this.#link()
    yield* sleep(link.latency())
    const server = this.#servers.get(`${host}:${port}`)
    if (server === undefined) throw systemError('ECONNREFUSED', `connect ECONNREFUSED ${host}:${port}`)
    const [near, far] = socketPair(link, addressOf(this.#nextPort++), addressOf(port, host))
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    }
    const { limit } = this.#options
    server._accept(connectionOf(far, limit))
    return connectionOf(near, limit)
  }

  loseAll(error?: Error): void {
    for (const socket of this.#sockets) socket.lose(error)
  }

  #link(): Link {
    return new Link('memoryNetwork', this.#options, this.#random)
  }
}

/** As servers on sockets. */
const CLOSE_WITHIN_MS = 3_000

/** A server in a memory network, until it is closed. */
export class MemoryServer implements AsyncDisposable {
  /** The port it listens on. */
  readonly port: number
  readonly #handler: MemoryHandler
  readonly #closed = new Event()
  readonly #task: Task
  readonly #loop = loopForWork() as EventLoop
  readonly #whenClosed: () => void
  #group: TaskGroup | null = null

  /** @internal */
  constructor(handler: MemoryHandler, port: number, whenClosed: () => void) {
    this.#handler = handler
    this.port = port
    this.#whenClosed = whenClosed
    const options = { name: 'memory server', eager: true }
    this.#task = startTask('startServer', this.#loop, null, options, [this.#supervise()])
  }

  *#supervise(): Coroutine {
    try {
      yield* taskGroup((group) => this.#untilClosed(group))
    } finally {
      this.close()
    }
  }

  *#untilClosed(group: TaskGroup): Coroutine {
    this.#group = group
    try {
      yield* this.#closed.wait()
    } finally {
      this.close()
    }
  }

  /** @internal */
  _accept([reader, writer]: Connection): void {
    if (this.#closed.isSet()) return writer.abort()
    // Cancelled before its start, a task closes nothing itself.
    this.#group?.createTask(this.#serve(reader, writer)).addDoneCallback(() => writer.abort())
  }

  *#serve(reader: StreamReader, writer: StreamWriter): Coroutine {
    try {
      yield runInside(this.#handler as (...args: never[]) => unknown, [reader, writer])
      yield* writer[Symbol.asyncDispose]()
    } catch (exception) {
      if (isCancelled(exception)) throw exception
      const message = 'Unhandled exception in the handler of a connection, which is closed'
      this.#loop.callExceptionHandler({ message, exception, server: this })
    } finally {
      writer.abort()
    }
  }

  /** Accept no more connections; those that are open go on. Does not wait. A second call does nothing. */
  close(): void {
    if (this.#closed.isSet()) return
    this.#closed.set()
    this.#whenClosed()
  }

  /**
   * Wait until the server is closed and its connections are. Those that are still open 3,000 ms after are cancelled. A checkpoint only
   * where it waits; cancelling changes nothing.
   */
  waitClosed(): Awaitable<void> {
    return new Call(this.#waitClosed, [], 'server.waitClosed', 0, this)
  }

  *#waitClosed(): Coroutine {
    yield* this.#closed.wait()
    if (this.#task.done()) return
    yield* wait([this.#task], { timeout: CLOSE_WITHIN_MS })
    if (this.#task.done()) return
    this.#task.cancel(`the server was closed ${CLOSE_WITHIN_MS} ms ago`)
    yield* wait([this.#task])
  }

  /** As a resource: close it, and wait for its connections as `waitClosed` does. */
  [Symbol.asyncDispose](): Awaitable<void> {
    this.close()
    return this.waitClosed()
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
