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
import { ClientPayloadError, ClientTimeoutError, seenHere, type TimeoutLimit } from './errors.ts'
import { forgetForgotten } from './forgotten.ts'
import type { RawHeaders } from './headers.ts'
import { IncomingBody, type Wire } from './incoming-body.ts'
import { type Limited, Limits } from './limits.ts'
import type { ConnectionPool } from './pool.ts'
import type { OutgoingRequest } from './request.ts'
import type { Content, RequestBody } from './request-body.ts'
import type { Route } from './route.ts'
import type { Tracing } from './tracing.ts'
import { Upload } from './upload.ts'
import { wireError } from './wire-error.ts'

/** What may be read away to keep a connection: beyond that, hanging up and making a new one is cheaper. */
const DISCARD_BYTES = 65_536
const DISCARD_MS = 1000

const noHeaders: RawHeaders = {}

/** Asking them twice does what asking once does (RFC 9110, 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

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
  readonly route: Route
  /** What is sent as the body. */
  content: Content
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
  /** It was sent a second time. */
  #isRepeated = false
  readonly #trace: Tracing | null

  constructor(pool: ConnectionPool, request: OutgoingRequest, route: Route, trace: Tracing | null) {
    this.#pool = pool
    this.request = request
    this.route = route
    this.#trace = trace
    this.content = request.body === null ? null : this.open(request.body)
  }

  private open(body: RequestBody): Content {
    const content = body.open()
    if (content instanceof Upload) content.onFailure = (error) => this.abort(error ?? unsent(this))
    return content
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
    this.over()
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
    if (this.#trace !== null && this.#connection === null) this.#trace.tell('onConnectionQueued', this)
  }

  /** @internal */
  _carriedBy(connection: Connection): void {
    this.#connection = connection
    const { socketConnect } = this.request.timeouts
    if (socketConnect !== null && !connection.isUsed) this.#limits.beginSocket(socketConnect)
    this.#trace?.tell(connection.isUsed ? 'onConnectionReuse' : 'onConnectionCreate', this)
    connection.carry(this)
  }

  /** @internal */
  _expired(limit: TimeoutLimit | 'release'): void {
    if (limit === 'read' && this.#isPaused) return this.#limits.refresh()
    const ms = limit === 'release' ? DISCARD_MS : (this.request.timeouts[limit] as number)
    this.abort(limit === 'release' ? null : new ClientTimeoutError(this, limit, ms))
  }

  private over(): void {
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
    if (this.#state === DELIVERED) this.over()
  }

  // ---------------------------------------------------------------- what the connection calls

  onRequestStart(controller: Controller): void {
    if (this.#state !== WAITING) return
    this.#state = SENT
    this.#controller = controller
    this.#limits.endPhase()
    if (this.request.timeouts.socketConnect !== null) this.#limits.endSocket()
    if (this.#trace !== null && this.#connection?.isUsed === false) {
      this.#trace.tell('onConnectionCreated', this)
    }
  }

  onRequestSent(): void {
    this.#trace?.tell('onRequestSent', this)
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
    this.#trace?.tellChunk(this, chunk)
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
    const connection = this.#connection
    if (connection?.isUsed === true && this.mayRepeat) return this.startOver(connection)
    const stage = this.#body !== null ? 'answered' : this.#state === WAITING ? 'connecting' : 'sent'
    this.abort(wireError(this, cause, stage))
  }

  /**
   * A kept connection was dead when it was needed. Where nothing was sent on it, another one may do; where
   * something was, and it may be asked twice, another one may do once.
   */
  private get mayRepeat(): boolean {
    if (this.#state === WAITING) return true
    if (this.#state !== SENT || this.#isRepeated || !isIdempotent(this.method)) return false
    // An upload is read by a task, which cannot be made here.
    return this.request.body?.canRepeat !== false && !(this.content instanceof Upload)
  }

  private startOver(connection: Connection): void {
    const { body } = this.request
    const wasSent = this.#state === SENT
    this.#connection = this.#controller = null
    this.#limits.endPhase()
    this.#pool.discard(connection)
    if (wasSent) {
      this.#isRepeated = true
      this.#state = WAITING
      this.#pool.dropIdle(this.route)
      if (body !== null) this.content = body.open()
      const { connect } = this.request.timeouts
      if (connect !== null) this.#limits.beginPhase('connect', connect)
    }
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
