/**
 * An application that answers requests: its routes as they are looked up, the requests that are under way, and its background tasks.
 * Servers and adapters hand requests to it.
 */
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  type Context,
  type Coroutine,
  copyContext,
  type EventLoop,
  getRunningLoop,
  type Task,
  wait,
} from 'polvo'
import { contextValues } from 'polvo/lowlevel'
import type { WebSocketConnection } from '../websocket/connection.ts'
import { type AccessLog, accessLogOf, logAccess } from './access-log.ts'
import type { Application } from './application.ts'
import { thresholdOf } from './compression.ts'
import { Exchange } from './exchange.ts'
import { HttpBadRequest, HttpError, HttpMethodNotAllowed, HttpNotFound } from './http-error.ts'
import { liveRoute, liveRoutes, type RoutedLive, withHeads } from './live-routes.ts'
import { refused } from './refusals.ts'
import { HttpRequest } from './request.ts'
import { redirect } from './respond.ts'
import { HttpResponse } from './response.ts'
import type { AnyHandler, LiveRoute, ResponseHook } from './route.ts'
import { BAD_PATH, Router } from './router.ts'
import { asksForWebSocket } from './websocket-route.ts'

/** The close code of a websocket whose server stops. */
const GOING_AWAY = 1001

/** What became of the requests that were under way when the application was stopped. */
export interface StopReport {
  /** How many came to their end in time. */
  readonly finished: number
  /** Those that were cancelled, as `GET /slow`. */
  readonly cancelled: readonly string[]
  /** Those of them that did not stop when they were told, and had to be ended. */
  readonly refused: readonly string[]
}

export class RunningApplication {
  readonly app: Application
  readonly loop: EventLoop
  readonly isDebug: boolean
  /** In bytes; null where nothing is compressed. */
  readonly compressionThreshold: number | null
  readonly hasWebSockets: boolean
  readonly #context: Context | null
  readonly #router: Router<RoutedLive>
  readonly #webSockets: Router<RoutedLive>
  readonly #open = new Set<WebSocketConnection>()
  readonly #accessLog: AccessLog | null
  readonly #lost = new Map<Application, LiveRoute>()
  readonly #exchanges = new Set<Exchange>()
  readonly #background = new Set<Task>()
  #isStopping = false
  #finished = 0

  constructor(app: Application) {
    this.app = app
    this.loop = getRunningLoop()
    this.isDebug = app._option('debug') ?? false
    this.compressionThreshold = thresholdOf(app._option('compression'))
    this.#context = contextValues().size === 0 ? null : copyContext()
    this.#accessLog = accessLogOf(app._option('accessLog'))
    const routes = app._allRoutes()
    this.#router = new Router(withHeads(liveRoutes(routes.filter(({ isWebSocket }) => !isWebSocket))))
    this.#webSockets = new Router(liveRoutes(routes.filter(({ isWebSocket }) => isWebSocket)))
    this.hasWebSockets = routes.some(({ isWebSocket }) => isWebSocket)
  }

  // ---------------------------------------------------------------- requests

  /** Answer a request. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const found = this.#router.find(incoming.method as string, incoming.url as string)
    const exchange =
      found === null || found === BAD_PATH
        ? new Exchange(this, incoming, outgoing, this.#lostRoute(incoming), {}, queryOf(incoming))
        : new Exchange(this, incoming, outgoing, found.route, found.params, found.query)
    this.#run(exchange)
  }

  #run(exchange: Exchange): void {
    const { outgoing } = exchange
    if (this.#isStopping) outgoing.shouldKeepAlive = false
    if (this.#accessLog !== null) logAccess(this.#accessLog, exchange.incoming, outgoing)
    const task =
      this.#context === null ? this.#start(exchange) : this.#context.run(() => this.#start(exchange))
    if (task.done()) return
    this.#exchanges.add(exchange)
    exchange.suspended(task)
  }

  /** Whether there is a route for a request, or its path has an escape that means nothing. */
  answers(method: string, url: string): boolean {
    return this.#router.find(method, url) !== null
  }

  #start(exchange: Exchange): Task {
    const { isGenerator, taskOptions } = exchange.route
    if (isGenerator) return this.loop.createTask(taskOptions, exchange.runGenerator()) as Task
    return this.loop.createTask(taskOptions, runExchange, exchange) as Task
  }

  /** Answer a request that asks for another protocol: a websocket, if there is a route for it; else as if it had not. */
  handleUpgrade(incoming: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => {}) // Its end is what counts.
    const outgoing = new ServerResponse(incoming)
    outgoing.shouldKeepAlive = false
    outgoing.assignSocket(stream as Socket)
    outgoing.once('finish', () => stream.end())
    if (refused(incoming, outgoing)) return
    const found = asksForWebSocket(incoming) ? this.#webSockets.find('GET', incoming.url as string) : null
    if (found === null || found === BAD_PATH) return this.handle(incoming, outgoing)
    const exchange = new Exchange(this, incoming, outgoing, found.route, found.params, found.query)
    exchange.upgrade = { stream, head }
    this.#run(exchange)
  }

  /** A websocket is open: it is closed when the server stops. */
  opened(socket: WebSocketConnection): void {
    this.#open.add(socket)
    if (this.#isStopping) this.#close(socket)
  }

  closed(socket: WebSocketConnection): void {
    this.#open.delete(socket)
  }

  #close(socket: WebSocketConnection): void {
    this.createTask([{ name: 'closing a websocket' }, () => socket.close(GOING_AWAY)])
  }

  /** The task of a request is through. */
  forget(exchange: Exchange): void {
    if (this.#exchanges.delete(exchange) && this.#isStopping) this.#finished++
  }

  /** The task of a request was cancelled: one that does not stop is ended by the loop, and says nothing any more. */
  watch(task: Task, exchange: Exchange): void {
    this.loop.callSoon(() => task.addDoneCallback(() => exchange.ended()))
  }

  /** How many requests are under way. */
  get underWay(): number {
    return this.#exchanges.size
  }

  /** The last look at a response before its head is sent. */
  prepare(request: HttpRequest, response: HttpResponse): void {
    const { hooks } = request._exchange.route
    for (let i = 0; i < hooks.length; i++) (hooks[i] as ResponseHook)(request, response)
  }

  report(message: string, exception: unknown): void {
    this.loop.callExceptionHandler({ message, exception })
  }

  // ---------------------------------------------------------------- where there is no route

  #lostRoute(incoming: IncomingMessage): LiveRoute {
    const app = this.app._partFor(incoming.url as string)
    let route = this.#lost.get(app)
    if (route === undefined) {
      route = liveRoute(app, '', '', {}, (request) => this.#answerLost(request))
      this.#lost.set(app, route)
    }
    return route
  }

  #answerLost(request: HttpRequest): unknown {
    const { method, url, path } = request
    if (method === 'OPTIONS' && url === '*') return new HttpResponse(null, { status: 204 })
    const found = this.#router.find(method, url)
    if (found === BAD_PATH) throw new HttpBadRequest('The path has an escape that means nothing.')
    if (method === 'GET' && this.#webSockets.find(method, url) !== null) {
      throw new HttpError(426, 'Ask by a websocket.', { headers: { upgrade: 'websocket' } })
    }
    const other = this.#otherSlash(method, path)
    if (other !== null) return other(request)
    const allowed = this.#router.methodsFor(url)
    if (allowed.length === 0) throw new HttpNotFound(`There is nothing at ${path}.`)
    const all = [...new Set([...allowed, 'OPTIONS'])].sort()
    if (method !== 'OPTIONS') throw new HttpMethodNotAllowed(method, all)
    return new HttpResponse(null, { status: 204, headers: { allow: all.join(', ') } })
  }

  /** What answers for the path with a slash more or less at its end; null where nothing does. */
  #otherSlash(method: string, path: string): AnyHandler | null {
    const policy = this.app._option('trailingSlash') ?? 'strict'
    if (policy === 'strict' || path === '/') return null
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    const found = this.#router.find(method, other)
    if (found === null || found === BAD_PATH) return null
    if (policy === 'redirect') {
      // Two slashes at the beginning would lead to another host.
      return ({ url }) => redirect(`/${other.replace(/^\/+/, '')}${url.slice(path.length)}`, { status: 308 })
    }
    return (request) =>
      found.route.handler(new HttpRequest(request._exchange, found.params, queryOf(request.raw)))
  }

  // ---------------------------------------------------------------- background tasks

  createTask(given: unknown[]): Task {
    const task = (this.loop.createTask as (...given: unknown[]) => Task).apply(this.loop, given)
    this.#background.add(task)
    task.addDoneCallback(() => this.#background.delete(task))
    return task
  }

  // ---------------------------------------------------------------- the end

  /** From now on connections are not kept, and who is under way is known. */
  beginStop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    for (const socket of this.#open) this.#close(socket)
    for (const { outgoing } of this.#exchanges) if (!outgoing.headersSent) outgoing.shouldKeepAlive = false
  }

  /** Let the requests that are under way end, for at most `within` milliseconds; then cancel them, and wait for their clean-up. */
  *drain(within: number | null): Coroutine<StopReport> {
    this.beginStop()
    const deadline = within === null ? null : this.loop.time() + within
    while (this.#exchanges.size > 0) {
      const left = deadline === null ? null : deadline - this.loop.time()
      if (left !== null && left <= 0) break
      yield* wait(this.#tasks(), { timeout: left })
      this.#forgetEnded()
    }
    const finished = this.#finished
    const left = [...this.#exchanges]
    const refused = yield* this.#cancelAll(left)
    return { finished, cancelled: left.map(String), refused }
  }

  *#cancelAll(exchanges: readonly Exchange[]): Coroutine<string[]> {
    if (exchanges.length === 0) return []
    for (const exchange of exchanges) exchange.cancel('stopping', 'the server stops')
    yield* wait(this.#tasks(), { timeout: this.loop.cancelGrace })
    const refused = exchanges.filter(({ task }) => !task?.done()).map(String)
    while (this.#exchanges.size > 0) {
      const pending = this.#tasks()
      yield* wait(pending)
      this.#forgetEnded()
    }
    return refused
  }

  #forgetEnded(): void {
    for (const exchange of this.#exchanges) if (exchange.task?.done()) this.forget(exchange)
  }

  #tasks(): Task[] {
    return [...this.#exchanges].map(({ task }) => task as Task)
  }

  *close(): Coroutine {
    const left = [...this.#exchanges]
    for (const exchange of left) exchange.cancel('stopping', 'the server stops')
    for (const task of this.#background) task.cancel('the application stops')
    const tasks = [...this.#tasks(), ...this.#background]
    if (tasks.length > 0) yield* wait(tasks)
  }
}

function runExchange(exchange: Exchange): unknown {
  return exchange.run()
}

function queryOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}
