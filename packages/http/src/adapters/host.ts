/**
 * An application that runs inside another framework's server: that one listens, and hands requests over. The application is a task of
 * the loop that was running where the adapter was made, else of the one that runs outside all others.
 *
 * | state    | is true                                                    | next          | moved by                    |
 * |----------|------------------------------------------------------------|---------------|-----------------------------|
 * | idle     | nothing is open                                            | starting      | the first request, `start`  |
 * | starting | resources are being opened; requests wait for that         | running, over | the resources, a failure    |
 * | running  | requests are handled                                       | over          | `stop`, the end of the run  |
 * | over     | requests are answered with 503                             | –             | –                           |
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Awaitable,
  type Coroutine,
  createTask,
  Event,
  type EventLoop,
  Future,
  getRunningLoop,
  InvalidStateError,
  type Task,
  wait,
} from 'polvo'
import { namedCall } from 'polvo/lowlevel'
import type { Application } from '../server/application.ts'
import { withApplication } from '../server/lifetime.ts'
import type { RunningApplication, StopReport } from '../server/running-application.ts'

const STOP_WITHIN_MS = 10_000

/** What every adapter can be told, beside being handed requests. */
export interface Hosted extends AsyncDisposable {
  /**
   * Open the application's resources now, and not with the first request. A second call waits as well, or gives the same error. A
   * checkpoint.
   * @throws what opening a resource throws
   */
  start(): Awaitable<void>
  /**
   * Let the requests that are under way end for up to `within` milliseconds (10,000 by default, null for any time), cancel the rest
   * and wait for their clean-up, close the application's resources. Requests that come from now on are answered with 503: have the
   * framework stop listening before. A second call waits as well. A checkpoint.
   * @throws what closing a resource throws
   */
  stop(options?: StopOptions): Awaitable<StopReport>
}

/** What `stop` of an adapter takes. */
export interface StopOptions {
  /** How many milliseconds requests may go on, before they are cancelled; by default 10,000, null for any time. */
  within?: number | null | undefined
}

/** What an adapter adds where the messages are those of node:http. */
export interface HostedOnNode extends Hosted {
  /**
   * Answer a request for another protocol: a websocket where the application has a route for it, else a refusal. It is a listener of
   * the server: `server.on('upgrade', adapter.upgrade)`. Without it, node:http takes such requests for ordinary ones.
   */
  readonly upgrade: (incoming: IncomingMessage, stream: Duplex, head: Buffer) => void
}

/** What is to be done with a request once the application runs; null where it does not any more. */
type WhenRunning = (running: RunningApplication | null) => void

export class Host {
  readonly #app: Application
  readonly #begin = new Event()
  readonly #stop = new Event()
  readonly #started = new Future<void>()
  readonly #waiting: WhenRunning[] = []
  readonly #task: Task<StopReport>
  #running: RunningApplication | null = null
  #loop: EventLoop | null = null
  #isOver = false
  /** Somebody has called start(), and is told when it fails. */
  #hasStarter = false
  #stopWithin: number | null = STOP_WITHIN_MS

  constructor(app: Application) {
    this.#app = app
    this.#task = createTask({ name: 'http adapter' }, supervise, this) as Task<StopReport>
    this.#task.addDoneCallback(() => this.#end())
  }

  /** Have `fn` called with the application: at once where it runs, else when it has started. */
  whenRunning(fn: WhenRunning): void {
    if (this.#running !== null || this.#isOver) return fn(this.#running)
    this.#waiting.push(fn)
    this.#begin.set()
  }

  /** Answer a request of node:http, with 503 where the application does not run any more. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.whenRunning((running) => {
      if (running === null) refuse(outgoing)
      else running.handle(incoming, outgoing)
    })
  }

  /** Answer a request where the application has a route for it; else call `pass`. */
  handleOrPass(incoming: IncomingMessage, outgoing: ServerResponse, pass: () => void): void {
    this.whenRunning((running) => {
      if (running === null) refuse(outgoing)
      else if (running.answers(incoming.method as string, incoming.url as string)) {
        running.handle(incoming, outgoing)
      } else pass()
    })
  }

  /** Answer a request for another protocol. */
  readonly #upgrade = (incoming: IncomingMessage, stream: Duplex, head: Buffer): void => {
    this.whenRunning((running) => {
      if (running === null) stream.destroy()
      else running.handleUpgrade(incoming, stream, head)
    })
  }

  /** What an adapter adds to its function where the messages are those of node:http. */
  get hostedOnNode(): HostedOnNode {
    return { ...this.hosted, upgrade: this.#upgrade }
  }

  /** The same host, as what an adapter adds to the function it gives. */
  get hosted(): Hosted {
    return {
      start: () => namedCall('adapter.start()', start, this),
      stop: ({ within }: StopOptions = {}) => namedCall('adapter.stop()', stop, this, within),
      [Symbol.asyncDispose]: () => namedCall('adapter.stop()', stopQuietly, this),
    }
  }

  /** Its task, from the first request or `start` on. */
  *supervise(): Coroutine<StopReport> {
    this.#loop = getRunningLoop()
    yield* this.#begin.wait()
    if (this.#stop.isSet()) return NOTHING_RAN
    return yield* withApplication(this.#app, (running) => this.#run(running))
  }

  *#run(running: RunningApplication): Coroutine<StopReport> {
    this.#running = running
    this.#started.setResult()
    for (const fn of this.#waiting.splice(0)) fn(running)
    try {
      yield* this.#stop.wait()
      this.#isOver = true
      return yield* running.drain(this.#stopWithin)
    } finally {
      this.#isOver = true
      this.#running = null
    }
  }

  #end(): void {
    this.#isOver = true
    if (!this.#started.done()) this.#notStarted(this.#task.cancelled() ? null : this.#task.exception())
    for (const fn of this.#waiting.splice(0)) fn(null)
  }

  #notStarted(failure: unknown): void {
    this.#started.setException(
      failure ?? new InvalidStateError('The adapter was stopped before its application had started.'),
    )
    this.#started.exception() // Nobody has to ask for it: it is told here, or by start().
    if (failure === null || this.#hasStarter) return
    this.#loop?.callExceptionHandler({
      message: 'An application could not be started; its requests are answered with 503',
      exception: failure,
    })
  }

  *start(): Coroutine {
    this.#hasStarter = true
    this.#begin.set()
    yield* wait([this.#started])
    this.#started.result()
  }

  *stop(within: number | null | undefined): Coroutine<StopReport> {
    if (!this.#stop.isSet()) {
      if (within !== undefined) this.#stopWithin = within
      this.#stop.set()
      this.#begin.set()
    }
    yield* wait([this.#task])
    const hasRun = !this.#task.cancelled() && this.#started.exception() === null
    return hasRun ? this.#task.result() : NOTHING_RAN
  }
}

const NOTHING_RAN: StopReport = { finished: 0, cancelled: [], refused: [] }

function* supervise(host: Host): Coroutine<StopReport> {
  return yield* host.supervise()
}

function* start(host: Host): Coroutine {
  yield* host.start()
}

function* stop(host: Host, within: number | null | undefined): Coroutine<StopReport> {
  return yield* host.stop(within)
}

function* stopQuietly(host: Host): Coroutine {
  yield* host.stop(undefined)
}

/** Nobody is here to answer. */
function refuse(outgoing: ServerResponse): void {
  if (outgoing.headersSent || outgoing.destroyed) return
  const body = 'The application is not running.\n'
  outgoing.shouldKeepAlive = false
  outgoing.writeHead(503, [
    'content-type',
    'text/plain; charset=utf-8',
    'content-length',
    String(body.length),
  ])
  outgoing.end(body)
}
