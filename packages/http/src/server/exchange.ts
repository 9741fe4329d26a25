/**
 * One request on its way through a handler, and the response on its way out. It runs in a task of its own, which begins on the spot: a
 * handler that never suspends is through when Node's event is.
 *
 * | state     | is true                                                   | next                | moved by             |
 * |-----------|-----------------------------------------------------------|---------------------|----------------------|
 * | handling  | the handler runs; its limit of time does                  | sending, over       | what it returns      |
 * | sending   | the response is being written                             | over                | the body, the client |
 * | over      | the task is done, or about to be                          | –                   | –                    |
 *
 * The handler is cancelled for one of three reasons: the client has gone, its time is over, the server stops.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type Awaitable,
  type Coroutine,
  call,
  currentTask,
  Future,
  isCancelled,
  type Task,
  type TimerHandle,
} from 'polvo'
import { errorResponse } from './error-page.ts'
import { ClientDisconnected, HttpError, HttpServiceUnavailable } from './http-error.ts'
import { HttpRequest } from './request.ts'
import { toResponse } from './respond.ts'
import { HttpResponse, type StreamedBody } from './response.ts'
import type { LiveRoute } from './route.ts'
import type { RunningApplication } from './running-application.ts'
import { beginStream, sendAtOnce, sendText, sendWhole } from './sending.ts'
import { StreamResponse } from './stream-response.ts'
import { type Upgrade, UpgradedResponse } from './websocket-route.ts'
import type { ResponseWriter } from './writer.ts'

/** Why a handler was cancelled. */
type Cause = 'gone' | 'late' | 'stopping'

/** What is left to be done of a response in the task of its request; undefined where nothing is. */
type Rest = Coroutine | undefined

/** Where a response keeps its exchange: so all share one listener. */
const EXCHANGE = Symbol('exchange')

interface Watched extends ServerResponse {
  [EXCHANGE]?: Exchange
}

function onClose(this: Watched): void {
  this[EXCHANGE]?.hangUp()
}

export class Exchange {
  readonly running: RunningApplication
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly route: LiveRoute
  readonly request: HttpRequest
  /** Where the client asks for another protocol. */
  upgrade: Upgrade | null = null
  #task: Task | null = null
  #cause: Cause | null = null
  #timer: TimerHandle | null = null
  /** The handler runs; else it has returned. */
  #isHandling = true
  #isHandlingError = false
  #isOver = false
  #gone: Future<void> | null = null

  constructor(
    running: RunningApplication,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    route: LiveRoute,
    params: Record<string, unknown>,
    query: string,
  ) {
    this.running = running
    this.incoming = incoming
    this.outgoing = outgoing
    this.route = route
    this.request = new HttpRequest(this, params, query)
  }

  get bodyLimit(): number {
    return this.route.bodyLimit
  }

  toString(): string {
    return `${this.incoming.method} ${this.incoming.url}`
  }

  // ---------------------------------------------------------------- the one who asked

  get isDisconnected(): boolean {
    return this.outgoing.destroyed && !this.outgoing.writableFinished
  }

  get signal(): AbortSignal {
    const task = this.#isOver ? null : (this.#task ?? currentTask())
    return task === null ? new AbortController().signal : task.signal
  }

  *_waitDisconnected(): Coroutine {
    if (this.isDisconnected) return
    const gone = new Future<void>()
    this.#gone ??= new Future<void>()
    this.#gone.addDoneCallback(() => {
      if (!gone.done()) gone.setResult()
    })
    yield* gone
  }

  waitDisconnected(): Awaitable<void> {
    return call(() => this._waitDisconnected()) as Awaitable<void>
  }

  /** The response will not reach anybody. */
  hangUp(): void {
    if (!this.isDisconnected && !this.incoming.destroyed) return
    if (this.#gone !== null && !this.#gone.done()) this.#gone.setResult()
    if (this.route.cancelsOnDisconnect) this.cancel('gone', 'the client has gone away')
  }

  /** Its handler has suspended: from now on the client, the clock and the server may cancel it. */
  suspended(task: Task): void {
    this.#task = task
    const outgoing: Watched = this.outgoing
    outgoing[EXCHANGE] = this
    outgoing.on('close', onClose)
    const { handlerTimeout } = this.route
    if (handlerTimeout === null || !this.#isHandling) return
    const late = () => this.cancel('late', `it took longer than its handlerTimeout of ${handlerTimeout} ms`)
    this.#timer = this.running.loop.callLater(handlerTimeout, late)
  }

  get task(): Task | null {
    return this.#task
  }

  cancel(cause: Cause, reason: string): void {
    if (this.#task === null || this.#task.done() || this.#cause !== null) return
    this.#cause = cause
    this.#task.cancel(reason)
    this.running.watch(this.#task, this)
  }

  /** Its task is done. One that was ended, since it would not stop, has left its client without an answer. */
  ended(): void {
    if (this.#isOver) return
    this.#over()
    this.#giveUp(this.#cause === 'late' ? this.#tooLate : 'The server is stopping.')
  }

  get #tooLate(): string {
    return `The answer took longer than ${this.route.handlerTimeout} ms.`
  }

  // ---------------------------------------------------------------- the handler

  /** Run a handler that is a generator function. */
  *runGenerator(): Coroutine {
    let rest: Rest
    try {
      rest = this.#answer(yield* this.route.handler(this.request) as Coroutine<unknown>)
    } catch (error) {
      rest = this.#fail(error)
    }
    if (rest !== undefined) yield* rest
    this.#over()
  }

  /** Run any other handler. What it returns is the task's code from then on. */
  run(): unknown {
    let returned: unknown
    try {
      returned = this.route.handler(this.request)
    } catch (error) {
      return this.#goOn(this.#fail(error))
    }
    if (returned instanceof HttpResponse) return this.#goOn(this.#answer(returned))
    if (isCoroutine(returned)) return this.#delegate(returned)
    if (isThenable(returned)) return this.#settle(returned)
    return this.#goOn(this.#answer(returned))
  }

  #goOn(rest: Rest): Rest {
    if (rest === undefined) this.#over()
    return rest === undefined ? undefined : this.#finish(rest)
  }

  *#finish(rest: Coroutine): Coroutine {
    yield* rest
    this.#over()
  }

  async #settle(promise: PromiseLike<unknown>): Promise<void> {
    let rest: Rest
    try {
      rest = this.#answer(await promise)
    } catch (error) {
      rest = this.#fail(error)
    }
    if (rest !== undefined) await call(runRest, rest)
    this.#over()
  }

  *#delegate(awaitable: Iterable<unknown>): Coroutine {
    let rest: Rest
    try {
      rest = this.#answer(yield* awaitable as Coroutine<unknown>)
    } catch (error) {
      rest = this.#fail(error)
    }
    if (rest !== undefined) yield* rest
    this.#over()
  }

  #over(): void {
    this.#isOver = true
    if (this.#task !== null) this.running.forget(this)
  }

  #handled(): void {
    this.#isHandling = false
    this.#timer?.cancel()
  }

  // ---------------------------------------------------------------- the response

  /** Answer with what a handler has returned. */
  #answer(returned: unknown): Rest {
    this.#handled()
    const { outgoing } = this
    if (outgoing.destroyed || returned instanceof UpgradedResponse) return
    if (outgoing.headersSent) return this.#alreadySent(returned)
    if (typeof returned === 'string' && this.route.isPlain) return void sendText(outgoing, returned)
    try {
      return this.#send(toResponse(returned))
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** The handler has sent the response itself, through a StreamResponse or node:http. */
  #alreadySent(returned: unknown): Rest {
    if (returned instanceof StreamResponse) return this.#guarded(returned._writeEof())
    if (!this.outgoing.writableEnded) this.outgoing.end()
    return
  }

  #send(response: HttpResponse): Rest {
    this.running.prepare(this.request, response)
    const body = response._body
    if (body !== null && typeof body === 'object' && !(body instanceof Uint8Array)) {
      return this.#guarded(body.send(this, response), body)
    }
    const rest = sendWhole(this, response)
    return rest === undefined ? undefined : this.#guarded(rest)
  }

  /** Send the head of a streamed response. Returns where its body is to be written to; null where it has none. */
  begin(response: HttpResponse, hasBody = true): ResponseWriter | null {
    return beginStream(this, response, hasBody)
  }

  /** Go on sending; what fails then cuts the response short, where its head is sent. */
  *#guarded(sending: Coroutine, body: StreamedBody | null = null): Coroutine {
    try {
      yield* sending
    } catch (error) {
      if (!this.outgoing.headersSent) return yield* this.#fail(error) ?? nothing()
      if (!isCancelled(error) && !this.#isNobodyThere(error)) {
        this.running.report(
          `Unhandled exception while the response to ${this} was written, which is cut short`,
          error,
        )
      }
      this.outgoing.destroy()
      if (!isCancelled(error)) return
      this.#over()
      throw error
    } finally {
      body?.close?.()
    }
  }

  // ---------------------------------------------------------------- errors

  #fail(error: unknown): Rest {
    this.#handled()
    if (isCancelled(error)) {
      const task = currentTask()
      if (this.#cause === 'late') {
        task?.uncancel()
        this.#cause = null
        return this.#handle(new HttpServiceUnavailable(this.#tooLate, { cause: error }))
      }
      if (task !== null && task.cancelling() > 0) return this.#cancelled(error)
    }
    if (this.#isNobodyThere(error)) {
      this.outgoing.destroy()
      return
    }
    return this.#handle(error)
  }

  #isNobodyThere(error: unknown): boolean {
    return error instanceof ClientDisconnected && (this.isDisconnected || this.incoming.destroyed)
  }

  /** Nobody is there, or the server stops: what can be said at once is. */
  #cancelled(error: unknown): never {
    this.#giveUp('The server is stopping.')
    this.#over()
    throw error
  }

  #giveUp(why: string): void {
    const { outgoing } = this
    if (outgoing.destroyed) return
    if (outgoing.headersSent) return void outgoing.destroy()
    outgoing.shouldKeepAlive = false
    const accept = this.request.header('accept') ?? ''
    sendAtOnce(outgoing, errorResponse(new HttpServiceUnavailable(why), accept, false))
  }

  #handle(error: unknown): Rest {
    const handler = this.#isHandlingError ? null : this.route.app._errorHandlerFor(error)
    if (handler !== null) {
      this.#isHandlingError = true
      return this.#answerError(handler, error)
    }
    return this.#sendError(error)
  }

  *#answerError(handler: (error: never, request: HttpRequest) => unknown, error: unknown): Coroutine {
    let rest: Rest
    try {
      rest = this.#answer(yield* call(handler, error as never, this.request))
    } catch (failure) {
      rest = this.#fail(failure)
    }
    if (rest !== undefined) yield* rest
  }

  #sendError(error: unknown): Rest {
    const { outgoing } = this
    if (!(error instanceof HttpError)) {
      this.running.report(`Unhandled exception in the handler of ${this}, which was answered with 500`, error)
    }
    if (outgoing.destroyed) return
    if (outgoing.headersSent) return void outgoing.destroy()
    const response = errorResponse(error, this.request.header('accept') ?? '', this.running.isDebug)
    try {
      return this.#send(response)
    } catch (failure) {
      this.running.report('Exception in a hook of onResponse()', failure)
      return void sendAtOnce(outgoing, response)
    }
  }
}

function* runRest(rest: Coroutine): Coroutine {
  yield* rest
}

function* nothing(): Coroutine {}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** A generator, or an operation of the library: what `yield*` takes. */
function isCoroutine(value: unknown): value is Iterable<unknown> {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return false
  return isThenable(value) || Object.prototype.toString.call(value) === '[object Generator]'
}
