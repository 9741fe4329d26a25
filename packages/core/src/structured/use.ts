/**
 * Resources: what is opened before a body and closed after it, however the body ends. `use` is Python's `async with`, and
 * `resource` its `@asynccontextmanager`.
 */

import { isLibraryAwaitable } from '../coroutine/awaitables.ts'
import type { ResourceEnd } from '../coroutine/body.ts'
import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import type { Awaitable, Checked, Coroutine, Result, Suspension } from '../coroutine/types.ts'
import { InvalidStateError, isCancelled, misuse } from '../errors.ts'
import { brief } from '../host/inspect.ts'
import { type CleanUpSection, closeSection, openSection } from '../tasks/clean-up-time.ts'
import { Scope } from '../tasks/scope.ts'
import { checkCleanUpTime } from './cleanup.ts'

type AnyFunction = (...args: never[]) => unknown

/** What a method of either spelling returns. */
type Either<T> = Generator<Suspension, T, unknown> | PromiseLike<T> | T

/** A resource by protocol: `enter` opens it and gives the value, `exit` closes it and is told how the body ended. */
export interface Resource<T> {
  /** Open it, in the task that uses it. When this throws or is cancelled, `exit` is not called. */
  enter(): Either<T>
  /** @param error what the body threw; undefined where it ended well. What `exit` throws replaces it. */
  exit(error?: unknown): Either<void>
}

/** A resource whose `exit` returns true where the error is to go no further. `use` returns undefined then. */
export interface SwallowingResource<T> {
  /** As that of a Resource. */
  enter(): Either<T>
  /** Close it; true swallows `error`, what the body threw. */
  exit(error?: unknown): Either<boolean>
}

type AnyResource = Resource<unknown> | SwallowingResource<unknown>
type AnyDisposable = Disposable | AsyncDisposable

/**
 * What `use` takes: a resource by protocol or made by `resource()`, something that can be disposed of (the value is itself
 * then), or an operation that gives such a thing, which is awaited first.
 */
export type Usable<T> = Resource<T> | ProvidedResource<T> | (T & AnyDisposable) | Awaitable<T & AnyDisposable>

/** What `use` takes beside its body. */
export interface UseOptions {
  /** How many milliseconds closing may take, where a cancelled task's grace period is too short for it; see `cleanup`. */
  closeWithin?: number | undefined
}

/**
 * Open a resource, run `body` with its value, and close it, whatever the body does. Returns what the body returns.
 *
 *     const text = yield* use(session.get(url), (response) => response.text())
 *
 * Closing is waited for, also when the body failed or was cancelled; an error in closing replaces the one on its way. A further
 * cancellation interrupts closing. What fails to open is not closed. A checkpoint where opening, the body or closing is.
 * Python's `async with`.
 *
 * @throws TypeError and RangeError for arguments that cannot be; what opening, the body and closing throw.
 */
export function use<T, R>(
  usable: SwallowingResource<T>,
  body: (value: T) => R & Checked<R>,
  options?: UseOptions,
): Awaitable<Result<R> | undefined>
export function use<T, R>(
  usable: Usable<T>,
  body: (value: T) => R & Checked<R>,
  options?: UseOptions,
): Awaitable<Result<R>>
export function use<T, R>(
  usable: unknown,
  body: (value: T) => R & Checked<R>,
  { closeWithin }: UseOptions = {},
): Awaitable<Result<R>> {
  if (typeof body !== 'function') {
    throw misuse(`use() takes a resource and a function to run with it, and was given ${brief(body)}.`)
  }
  if (closeWithin !== undefined) checkCleanUpTime('use({ closeWithin })', closeWithin)
  return new Call(openAndRun, [usable, body, closeWithin], 'use', 2)
}

function* openAndRun(
  usable: unknown,
  body: AnyFunction,
  closeWithin: number | undefined,
): Coroutine<unknown> {
  const opened = isLibraryAwaitable(usable) ? yield runInside(() => usable) : usable
  if (opened instanceof ProvidedResource) return yield* opened._run(body, closeWithin)
  const { resource, maySwallow } = asResource(opened)
  const value = yield runInside(() => resource.enter())
  const scope = new ResourceBody(closeWithin)
  try {
    const ending: Ending = yield* scope.run(body, value)
    const close = () => resource.exit(ending.failed ? ending.error : undefined)
    const isSwallowed = yield runInside(close)
    if (!ending.failed) return ending.result
    if (!(maySwallow && isSwallowed === true)) throw ending.error
    return undefined
  } finally {
    scope.resourceClosed()
  }
}

type Ending = { failed: false; result: unknown } | { failed: true; error: unknown }

/**
 * The body of a resource. When it would not stop and a scope around it is ended, the body is taken away first: the resource is
 * closed in its place, as if the body had thrown. From a cancellation on, closing has a grace period of its own.
 */
class ResourceBody extends Scope implements CleanUpSection {
  /** Until when closing may take. */
  deadline = 0
  readonly #closeWithin: number | undefined
  #isClosing = false
  #whenClosed: (() => void) | null = null

  constructor(closeWithin: number | undefined) {
    super()
    this.#closeWithin = closeWithin
  }

  override get _isResourceBody(): boolean {
    return true
  }

  *run(body: AnyFunction, value: unknown): Coroutine<Ending> {
    this.enter()
    let ending: Ending
    try {
      ending = { failed: false, result: yield this.inside(body, value) }
    } catch (error) {
      ending = { failed: true, error }
    } finally {
      this.close()
    }
    const graceMs = this._loop._secondGrace ?? this._loop.cancelGrace
    if (this.#closeWithin !== undefined) this.#beginClosing(this.#closeWithin)
    else if (ending.failed && isCancelled(ending.error)) this.#beginClosing(graceMs)
    return ending
  }

  #beginClosing(ms: number): void {
    this.#isClosing = true
    this.deadline = this._loop.time() + ms
    openSection(this.task, this)
  }

  override _endFor(end: ResourceEnd): void {
    this.#whenClosed = end.whenClosed
    super._endFor(end)
  }

  resourceClosed(): void {
    if (this.#isClosing) closeSection(this.task, this)
    this.#whenClosed?.()
  }

  override _describe(): string {
    return 'use()'
  }
}

/** A disposer is not told of errors and swallows none, whatever it returns. */
function asResource(candidate: unknown): { resource: AnyResource; maySwallow: boolean } {
  const { enter, exit } = (candidate ?? {}) as Partial<AnyResource>
  if (typeof enter === 'function' && typeof exit === 'function') {
    return { resource: candidate as AnyResource, maySwallow: true }
  }
  const disposable = (candidate ?? {}) as Partial<AsyncDisposable & Disposable>
  const dispose = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose]
  if (typeof dispose === 'function') {
    const resource: Resource<unknown> = { enter: () => candidate, exit: () => dispose.call(candidate) }
    return { resource, maySwallow: false }
  }
  throw misuse(
    'use() takes a resource, something with [Symbol.asyncDispose] or [Symbol.dispose], or an operation that gives such ' +
      `a thing; it was given ${brief(candidate)}.`,
  )
}

/** What a resource function calls once the resource is open; it returns when the resource is to be closed. */
export type Provide<T> = (value: T) => Awaitable<void>

/**
 * Make a resource of a function: it opens something, provides it, and closes it when `provide` returns or throws. What the
 * body throws is thrown by `provide`.
 *
 *     const connection = (url: string) => resource<Connection>(function* (provide) {
 *       const c = yield* connect(url)
 *       try { yield* provide(c) } finally { yield* c.close() }
 *     })
 *     yield* use(connection(url), function* (c) { … })
 *
 * The function runs anew for each `use`, in the task that uses it; `use` throws InvalidStateError where it calls `provide` never
 * or twice. Python's `asynccontextmanager`.
 *
 * @throws TypeError where `open` is no function.
 */
export function resource<T>(open: (provide: Provide<T>) => Either<unknown>): ProvidedResource<T> {
  if (typeof open !== 'function') {
    throw misuse(`resource() takes a function that is given provide(), and was given ${brief(open)}.`)
  }
  return new ProvidedResource<T>(open as AnyFunction)
}

/** What `resource()` makes, to be given to `use`, any number of times. */
export class ProvidedResource<T> {
  /** Keeps the type of the value. */
  declare private readonly type: T
  readonly #open: AnyFunction

  /** @internal */
  constructor(open: AnyFunction) {
    this.#open = open
  }

  /** @internal */
  *_run(body: AnyFunction, closeWithin: number | undefined): Coroutine<unknown> {
    const provision = new Provision(body, closeWithin)
    try {
      yield runInside(this.#open, [
        (value: unknown) => new Call(provision.run, [value], 'provide', 1, provision),
      ])
    } finally {
      provision.scope.resourceClosed()
    }
    return provision.result
  }
}

/** What a resource function was given `provide` for: to run this body, once. */
class Provision {
  readonly scope: ResourceBody
  readonly #body: AnyFunction
  #ending: Ending | null = null

  constructor(body: AnyFunction, closeWithin: number | undefined) {
    this.#body = body
    this.scope = new ResourceBody(closeWithin)
  }

  *run(value: unknown): Coroutine<void> {
    if (this.scope.isOpen || this.#ending !== null) {
      throw new InvalidStateError('provide() is called once for each use of a resource.')
    }
    this.#ending = yield* this.scope.run(this.#body, value)
    if (this.#ending.failed) throw this.#ending.error
  }

  get result(): unknown {
    if (this.#ending === null) {
      throw new InvalidStateError(
        'The resource function has ended without calling provide(); use() ran nothing.',
      )
    }
    return this.#ending.failed ? undefined : this.#ending.result
  }
}
