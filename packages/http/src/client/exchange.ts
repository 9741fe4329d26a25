/**
 * One request on its way and the response to it, as far as it has arrived: what its connection calls back,
 * and what coroutines wait for. It owns the time limits, and decides what becomes of the connection.
 *
 * | state     | is true                                                  | next            | moved by   |
 * |-----------|----------------------------------------------------------|-----------------|------------|
 * | waiting   | in line, or its connection is being made; `connect` runs | sent, over      | pool       |
 * | sent      | on the wire; `read` runs                                 | answered, over  | connection |
 * | answered  | head and `body` are there; `read` runs unless paused     | delivered, over | connection |
 * | delivered | all has arrived, the connection was given back           | over            | body       |
 * | over      | complete, or failed; no timers, connection, upload       | –               | –          |
 *
 * Its callbacks run outside any task's async context.
 */
import type { Awaitable, Coroutine } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import { Bell, done, WakeUp } from '../wake-up.ts'
import type { Connection, Controller, Passenger } from './connection.ts'
import { codingOf } from './decompress.ts'
import { ClientPayloadError, ClientTimeoutError, seenHere, type TimeoutLimit, wireError } from './errors.ts'
import { forgetForgotten } from './forgotten.ts'
import type { RawHeaders } from './headers.ts'
import { IncomingBody, type Wire } from './incoming-body.ts'
import { type Limited, Limits } from './limits.ts'
import type { ConnectionPool } from './pool.ts'
import type { OutgoingRequest } from './request.ts'
import type { Content } from './request-body.ts'
import { Upload } from './upload.ts'

/** What may be read away to keep a connection: beyond that, hanging up and making a new one is cheaper. */
const DISCARD_BYTES = 65_536
const DISCARD_MS = 1000

const noHeaders: RawHeaders = {}

const WAITING = 0
const SENT = 1
const ANSWERED = 2
const DELIVERED = 3
const OVER = 4

export class Exchange implements Wire, Limited, Passenger {
  /** @internal */
  _ahead: Passenger | null = null
  /** @internal */
  _behind: Passenger | null = null
  readonly request: OutgoingRequest
  /** What is sent as the body. */
  readonly content: Content
  readonly origin: string
  status = 0
  reason = ''
  headers: RawHeaders = noHeaders
  #body: IncomingBody | null = null
  /** The response was handed out and may be forgotten; see `forgotten.ts`. */
  isWatched = false
  readonly #pool: ConnectionPool
  readonly #progress = new WakeUp()
  #state: typeof WAITING | typeof SENT | typeof ANSWERED | typeof DELIVERED | typeof OVER = WAITING
  #failure: unknown = null
  #connection: Connection | null = null
  #controller: Controller | null = null
  #isPaused = false
  readonly #limits = new Limits(this)
  #end: Bell | null = null

  constructor(pool: ConnectionPool, request: OutgoingRequest) {
    this.#pool = pool
    this.request = request
    this.origin = request.target.origin
    this.content = request.body === null ? null : request.body.open()
    if (this.content instanceof Upload) this.content.onFailure = (error) => this.abort(error ?? unsent(this))
  }

  get method(): string {
    return this.request.method
  }

  get url(): string {
    return this.request.url
  }

  get isOver(): boolean {
    return this.#state === OVER
  }

  /** There once the head is. */
  get body(): IncomingBody {
    return this.#body as IncomingBody
  }

  // ---------------------------------------------------------------- for coroutines

  /**
   * Get in line, and wait for the head of the response. Cancelling aborts.
   * @throws what the exchange failed with
   */
  *head(): Coroutine {
    let isCancelled = true
    try {
      runDetached(begin, this)
      while (this.#body === null && this.#state !== OVER) yield* this.#progress.wait()
      isCancelled = false
    } finally {
      if (isCancelled) this.abort(null)
    }
    if (this.#body === null) throw seenHere(this.#failure)
  }

  /**
   * Read the rest away, if that is quick, so that the connection is kept; else hang up. What it returns is
   * done when the exchange is over.
   */
  release(): Awaitable<void> {
    if (this.#state !== OVER) {
      this.#limits.beginPhase('release', DISCARD_MS)
      this.body.discard(DISCARD_BYTES)
    }
    if (this.isOver) return done(undefined)
    this.#end ??= new Bell()
    return this.#end.wait()
  }

  /**
   * End it at once, hanging up where a connection is in use. Readers fail with `error`. Nothing happens when
   * it is over.
   */
  abort(error: unknown): void {
    if (this.#state === OVER) return
    this.#failure = error
    const connection = this.#connection
    this.#over()
    if (connection !== null) runDetached(hangUp, this.#pool, connection)
    else this.#pool.leave(this)
    this.#body?.fail(error)
    this.#progress.wake()
  }

  /** As `abort`, at the reader's wish: also what has arrived is dropped, unless it was read as a whole. */
  close(): void {
    this.#body?.drop()
    this.abort(null)
  }

  // ---------------------------------------------------------------- its way through the states

  /** @internal */
  _begin(): void {
    const { timeouts, deadline } = this.request
    this.#limits.begin(deadline)
    if (timeouts.connect !== null) this.#limits.beginPhase('connect', timeouts.connect)
    this.#pool.enter(this)
  }

  /** @internal */
  _carriedBy(connection: Connection): void {
    this.#connection = connection
    connection.carry(this)
  }

  /** @internal */
  _expired(limit: TimeoutLimit | 'release'): void {
    if (limit === 'read' && this.#isPaused) return this.#limits.refresh()
    const ms = limit === 'release' ? DISCARD_MS : (this.request.timeouts[limit] as number)
    this.abort(limit === 'release' ? null : new ClientTimeoutError(this, limit, ms))
  }

  #over(): void {
    this.#state = OVER
    this.#limits.end()
    this.#connection = this.#controller = null
    if (this.content instanceof Upload) this.content.destroy()
    if (this.isWatched) forgetForgotten(this)
    this.#end?.ring()
  }

  // ---------------------------------------------------------------- for the body

  pause(): void {
    this.#isPaused = true
    this.#controller?.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#limits.refresh()
    if (this.#controller !== null) runDetached(resumeReading, this.#controller)
  }

  bodyDone(): void {
    if (this.#state === DELIVERED) this.#over()
  }

  // ---------------------------------------------------------------- what the connection calls

  onRequestStart(controller: Controller): void {
    if (this.#state !== WAITING) return
    this.#state = SENT
    this.#controller = controller
    this.#limits.endPhase()
  }

  onRequestSent(): void {
    const { read } = this.request.timeouts
    if (read !== null && this.#state !== OVER && !this.#limits.hasPhase) this.#limits.beginPhase('read', read)
  }

  onResponseStart(_: Controller, status: number, headers: RawHeaders, reason = ''): void {
    if (this.#state !== SENT || status < 200) return
    this.#state = ANSWERED
    this.status = status
    this.reason = reason
    this.headers = headers
    this.#body = new IncomingBody(this, this.request.decompress ? codingOf(headers) : null)
    this.#limits.refresh()
    this.#progress.wake()
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    if (this.#state !== ANSWERED) return
    this.#limits.refresh()
    this.body.feed(chunk)
  }

  onResponseEnd(): void {
    if (this.#state !== ANSWERED) return
    this.#state = DELIVERED
    this.#limits.endPhase()
    const connection = this.#connection as Connection
    this.#connection = this.#controller = null
    this.#pool.release(connection)
    this.body.finish()
  }

  onResponseError(_: Controller | null, cause: Error): void {
    if (this.#state === WAITING && this.#connection?.isUsed === true) return this.#startOver(this.#connection)
    this.abort(wireError(this, cause, this.#body !== null))
  }

  /** A kept connection was dead when it was needed. Nothing was sent on it, so another one may do. */
  #startOver(connection: Connection): void {
    this.#connection = null
    this.#pool.discard(connection)
    this.#pool.enter(this)
  }
}

function unsent(exchange: Exchange): ClientPayloadError {
  return new ClientPayloadError(exchange, 'the task that sends its body was cancelled.')
}

function begin(exchange: Exchange): void {
  exchange._begin()
}

function hangUp(pool: ConnectionPool, connection: Connection): void {
  pool.discard(connection)
}

function resumeReading(controller: Controller): void {
  controller.resume()
}
