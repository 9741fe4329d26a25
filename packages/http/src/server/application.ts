/** Applications: routes, what is around their handlers, and what lives as long as they run. Nothing here runs; a server does that. */
import { inspect } from 'node:util'
import {
  type Checked,
  InvalidStateError,
  type Result,
  type Startable,
  type Task,
  type TaskOptions,
  type Usable,
} from 'polvo'
import { misuse } from 'polvo/lowlevel'
import type { ApplicationOptions } from './application-options.ts'
import { showKind } from './describe.ts'
import { type ErrorClass, ErrorHandlers } from './error-handlers.ts'
import type { HttpError } from './http-error.ts'
import { PathPattern } from './path-pattern.ts'
import type { HttpRequest } from './request.ts'
import type { ErrorHandler, Middleware, RegisteredRoute, ResponseHook } from './route.ts'
import { Routes } from './routes.ts'
import type { RunningApplication } from './running-application.ts'
import { State, type StateKey } from './state.ts'

/** How a resource is opened, once for each run of the application. */
export interface ResourceOpener {
  readonly key: StateKey<unknown> | null
  readonly open: (app: Application) => unknown
}

/**
 * Routes with their handlers, middlewares, error handlers, state and resources. `serve` and `runApp` make it answer requests.
 *
 *     const app = new Application()
 *     app.get('/hello/:name', (request) => `Hello, ${request.params.name}!`)
 *     runApp(app, { port: 8080 })
 *
 * It is complete when it is started: routes that are added later are refused.
 */
export class Application extends Routes {
  readonly #options: ApplicationOptions
  readonly #middlewares: Middleware[] = []
  readonly #hooks: ResponseHook[] = []
  readonly #errorHandlers = new ErrorHandlers()
  readonly #resources: ResourceOpener[] = []
  readonly #mounted: { readonly prefix: string; readonly app: Application }[] = []
  #parent: Application | null = null
  #running: RunningApplication | null = null
  /** What the application carries, by keys: settings, pools, clients. Its parts see it too. */
  readonly state = new State()

  constructor(options: ApplicationOptions = {}) {
    super()
    this.#options = options
  }

  /** @internal */
  protected override get _application(): Application {
    return this
  }

  // ---------------------------------------------------------------- parts and names

  /**
   * Make another application a part of this one, below `prefix`: its middlewares and error handlers are inside of these, its state and
   * resources are added. It can be a part of one only.
   * @throws TypeError for a prefix that cannot be, InvalidStateError where it is a part already, or one of them runs
   */
  mount(prefix: string, app: Application): this {
    this._refuseWhileRunning('mount')
    if (!(app instanceof Application)) {
      throw misuse(`mount() takes a prefix and an Application, and was given ${showKind(app)}.`)
    }
    if (app.#parent !== null)
      throw new InvalidStateError('The application is mounted already; make another one.')
    for (let around: Application | null = this; around !== null; around = around.#parent) {
      if (around === app) throw misuse('An application cannot be mounted in itself.')
    }
    const { path } = new PathPattern(prefix)
    app.#parent = this
    app.state._around = this.state
    this.#mounted.push({ prefix: path.replace(/\/$/, ''), app })
    return this
  }

  /**
   * The path of a route, with these parameters and this query in it.
   *
   *     app.urlFor('user', { id: 7 }, { tab: 'posts' })   // '/users/7?tab=posts'
   *
   * @throws RangeError where there is no such route, or a parameter is missing or does not fit
   */
  urlFor(
    name: string,
    params: Readonly<Record<string, unknown>> = {},
    query: Readonly<Record<string, string | number>> = {},
  ): string {
    const pattern = this.root._named.get(name)
    if (pattern === undefined) {
      throw new RangeError(
        `There is no route ${JSON.stringify(name)}; give it as the option name. There are: ` +
          `${[...this.root._named.keys()].join(', ') || 'none with names'}.`,
      )
    }
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]) => [key, String(value)] as [string, string]),
    )
    return pattern.fill(params) + (search.size > 0 ? `?${search}` : '')
  }

  // ---------------------------------------------------------------- around the handlers

  /**
   * Run code around the handlers of this application and its parts, also where no route is found. The first one added is the
   * outermost.
   *
   *     app.use(function* (request, next) {
   *       const response = yield* next()
   *       return response.setHeader('x-served-by', hostname())
   *     })
   *
   * What a handler throws is thrown by `next()`, and becomes a response outside of all middlewares; `onResponse` sees all.
   * @throws InvalidStateError once the application runs
   */
  use<R>(middleware: (request: HttpRequest, next: Parameters<Middleware>[1]) => R & Checked<R>): this {
    this._refuseWhileRunning('use')
    if (typeof middleware !== 'function') {
      throw misuse(
        `use() takes a function (request, next) => response, and was given ${showKind(middleware)}.`,
      )
    }
    this.#middlewares.push(middleware as Middleware)
    return this
  }

  /**
   * Answer errors of a class, or of a status, in a way of your own; in either spelling. Of several that fit, that of the part further
   * in counts, then that for the status, then that for the most special class.
   *
   *     app.onError(404, (error, request) => html(notFoundPage(request.path), { status: 404 }))
   *
   * @throws InvalidStateError once the application runs
   */
  onError<R>(status: number, handler: (error: HttpError, request: HttpRequest) => R & Checked<R>): this
  onError<E, R>(kind: ErrorClass<E>, handler: (error: E, request: HttpRequest) => R & Checked<R>): this
  onError(target: number | ErrorClass, handler: ErrorHandler): this {
    this._refuseWhileRunning('onError')
    this.#errorHandlers.set(target, handler)
    return this
  }

  /**
   * See each response of this application and its parts before its head is sent, those to errors included; the header can still be
   * changed. aiohttp's `on_response_prepare`.
   * @throws InvalidStateError once the application runs
   */
  onResponse(hook: ResponseHook): this {
    this._refuseWhileRunning('onResponse')
    this.#hooks.push(hook)
    return this
  }

  // ---------------------------------------------------------------- what lives as long as it runs

  /**
   * Open a resource when the application starts, and close it when it has stopped, in reverse order; whatever `use` takes. Its value
   * is put into the state by `key`. Those of parts are opened after its own.
   *
   *     app.resource(database, () => createPool(url))
   *     app.resource(() => resource(function* (provide) { …; try { yield* provide() } finally { … } }))
   *
   * @throws InvalidStateError once the application runs
   */
  resource(open: (app: Application) => unknown): this
  resource<T>(key: StateKey<T>, open: (app: Application) => Usable<T>): this
  resource(first: StateKey<unknown> | ResourceOpener['open'], second?: ResourceOpener['open']): this {
    this._refuseWhileRunning('resource')
    const opener = typeof first === 'function' ? { key: null, open: first } : { key: first, open: second }
    if (typeof opener.open !== 'function')
      throw misuse('resource() takes a key and a function that opens it, or the function alone.')
    this.#resources.push(opener as ResourceOpener)
    return this
  }

  /** Run code of either spelling when the application starts, before it answers; in order with the resources. */
  onStart(fn: (app: Application) => unknown): this {
    return this.resource((app) => ({ enter: () => fn(app), exit: () => {} }))
  }

  /** Run code of either spelling when the application has stopped; in reverse order with the resources. */
  onStop(fn: (app: Application) => unknown): this {
    return this.resource((app) => ({ enter: () => {}, exit: () => fn(app) }))
  }

  /**
   * Start a task that goes on behind the requests, and belongs to the application: when it stops, the task is cancelled and waited for,
   * before the resources are closed. Otherwise as `createTask`.
   * @throws InvalidStateError unless the application runs
   */
  createTask<T>(target: Startable<T>): Task<T>
  createTask<Args extends unknown[], R>(fn: (...args: Args) => R & Checked<R>, ...args: Args): Task<Result<R>>
  createTask<T>(options: TaskOptions, target: Startable<T>): Task<T>
  createTask<Args extends unknown[], R>(
    options: TaskOptions,
    fn: (...args: Args) => R & Checked<R>,
    ...args: Args
  ): Task<Result<R>>
  createTask(...given: unknown[]): Task {
    const running = this.root.#running
    if (running === null) {
      throw new InvalidStateError(
        'app.createTask() starts a task of a running application: call it in a handler, or in onStart().',
      )
    }
    return running.createTask(given)
  }

  // ---------------------------------------------------------------- for those that run it

  /** The outermost application it is a part of; itself where it is no part. */
  get root(): Application {
    return this.#parent === null ? this : this.#parent.root
  }

  /** Whether it runs: it was started, and has not stopped. */
  get isRunning(): boolean {
    return this.root.#running !== null
  }

  /** @internal */
  _setRunning(running: RunningApplication | null): void {
    if (this.#parent !== null)
      throw new InvalidStateError('A mounted application runs with the one it is a part of.')
    if (running !== null && this.#running !== null) {
      throw new InvalidStateError('The application runs already; make another one.')
    }
    this.#running = running
  }

  /** @internal The value of an option, here or around here. */
  _option<Name extends keyof ApplicationOptions>(name: Name): ApplicationOptions[Name] {
    return this.#options[name] ?? this.#parent?._option(name)
  }

  /** @internal Those of all parts, with their whole paths. */
  _allRoutes(prefix = ''): RegisteredRoute[] {
    const own = this._routes.map((route) => {
      const { path } = route.pattern
      const whole = prefix !== '' && path === '/' ? prefix : prefix + path
      return { ...route, pattern: new PathPattern(whole) }
    })
    return [...own, ...this.#mounted.flatMap((part) => part.app._allRoutes(prefix + part.prefix))]
  }

  /** @internal */
  get _named(): Map<string, PathPattern> {
    const named = new Map<string, PathPattern>()
    for (const { app, pattern, options } of this._allRoutes()) {
      if (options.name === undefined) continue
      const name = app.#namePrefix + options.name
      const twin = named.get(name)
      if (twin !== undefined && twin.path !== pattern.path) {
        throw misuse(`Two routes are called ${JSON.stringify(name)}: ${twin.path} and ${pattern.path}.`)
      }
      named.set(name, pattern)
    }
    return named
  }

  get #namePrefix(): string {
    const around = this.#parent === null ? '' : this.#parent.#namePrefix
    return this.#options.name === undefined ? around : `${around}${this.#options.name}.`
  }

  /** @internal Those around its handlers, the outermost first. */
  get _middlewares(): Middleware[] {
    return [...(this.#parent?._middlewares ?? []), ...this.#middlewares]
  }

  /** @internal */
  get _responseHooks(): ResponseHook[] {
    return [...(this.#parent?._responseHooks ?? []), ...this.#hooks]
  }

  /** @internal With those of its parts, in the order they are opened. */
  _allResources(): { app: Application; opener: ResourceOpener }[] {
    const own = this.#resources.map((opener) => ({ app: this as Application, opener }))
    return [...own, ...this.#mounted.flatMap(({ app }) => app._allResources())]
  }

  /** @internal The part that a path would be of, going by its fixed beginning. */
  _partFor(path: string): Application {
    for (const { prefix, app } of this.#mounted) {
      if (path === prefix || path.startsWith(`${prefix}/`)) return app._partFor(path.slice(prefix.length))
    }
    return this
  }

  /** @internal */
  _errorHandlerFor(error: unknown): ErrorHandler | null {
    const handler = this.#errorHandlers.find(error)
    if (handler !== null) return handler
    return this.#parent?._errorHandlerFor(error) ?? null
  }

  /** @internal */
  protected override _refuseWhileRunning(what: string): void {
    if (!this.isRunning) return
    throw new InvalidStateError(
      `app.${what}() comes too late: the application runs. Complete it before it is served.`,
    )
  }

  override toString(): string {
    return `<Application ${this.isRunning ? 'running' : 'idle'} routes=${this._allRoutes().length}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
