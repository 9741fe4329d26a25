/**
 * The async spelling: which task an `await` belongs to, and how a cancellation finds it.
 *
 * A body is one activation of an async function that the library called: a task's function, or what a timeout, a group or
 * `call` was given. While its code runs, polvo's slot in the async context holds it, so that `then` (which is what
 * `await` calls) finds it. Several of its awaits may be under way at once (`Promise.all`); each is a `Wait`, its leaf.
 *
 * | state | is true                                              | an await in it                    |
 * |-------|------------------------------------------------------|-----------------------------------|
 * | open  | the function is under way, or leaves are             | becomes a leaf                    |
 * | over  | the function has settled and no leaf is left         | is adopted by a root of the loop  |
 * | ended | it would not stop, and was dropped                   | never settles                     |
 *
 * A cancellation goes to every leaf. Where there is none (the function is running, or awaits a foreign promise) it is
 * kept, and delivered at the next await.
 */
import { CancelledError, outermost } from '../errors.ts'
import { emptyContext, type PlatformContext, slotHere } from '../host/async-context.ts'
import { rootHolder } from '../loop/context-values.ts'
import { type BodyHere, currentStep, isInCallback, loopHere, type TaskHere } from '../loop/current.ts'
import { defaultLoop } from '../loop/default-loop.ts'
import type { Entry, Scheduler } from '../loop/scheduler.ts'
import { noteMaker } from './unclaimed.ts'
import { CANCELLED, FAILED, PENDING, type Waitable, type Waiter } from './waitable.ts'

/** What a cancellation can be delivered to: a body, a strand of generators, or one await. */
export interface Deliverable {
  /**
   * @internal Throw `error` at the await that is under way inside, or at the next one. A reminder repeats a request that
   * was delivered before; it is counted nowhere.
   */
  _deliver(error: CancelledError, reminder: boolean): void
  /** @internal Throw `error` at the await that is under way though what it waits for will not end. */
  _interrupt(error: CancelledError): void
  /** @internal Forget the cancellations inside that are still to be delivered. */
  _retract(): void
  /**
   * @internal End the body of the resource that was opened furthest in, so that it is closed. Returns whether there was one.
   */
  _endResourceBody(end: ResourceEnd): boolean
  /** @internal Forget everything inside: none of it is resumed again. */
  _drop(): void
}

/** How the body of a resource is ended that would not stop. */
export interface ResourceEnd {
  /** The scope that is to be ended: resources outside it are left alone. null for a whole task. */
  readonly within: object | null
  /** What is thrown in place of the body. */
  readonly error: CancelledError
  /** Called when the resource is closed, or its closing has failed. */
  whenClosed(): void
}

/** A strand of generators that runs because an async function awaits it; see `driver.ts`. */
export interface InnerStrand extends Deliverable {
  takePending(): CancelledError | null
}

export class Body implements BodyHere, Entry, Deliverable {
  readonly task: TaskHere
  /** The innermost scope around it; scopes opened by its awaits are inside that one. */
  readonly scope: unknown
  /** The function, for inspection. */
  readonly fn: ((...args: never[]) => unknown) | null
  #state: 'open' | 'over' | 'ended' = 'open'
  /** The awaits under way. Usually it is one: there is a set only where there are more. */
  #leaves: Wait | Set<Wait> | null = null
  /** A cancellation that found no await under way. */
  #pending: CancelledError | null = null
  #wasCancelled = false
  #whenOver: (() => void) | null = null

  constructor(task: TaskHere, scope: unknown, fn: ((...args: never[]) => unknown) | null) {
    this.task = task
    this.scope = scope
    this.fn = fn
  }

  get isOver(): boolean {
    return this.#state !== 'open'
  }

  get isEnded(): boolean {
    return this.#state === 'ended'
  }

  get isIdle(): boolean {
    return this.#leaves === null || (this.#leaves instanceof Set && this.#leaves.size === 0)
  }

  get leaves(): Wait[] {
    if (this.#leaves instanceof Set) return [...this.#leaves]
    return this.#leaves === null ? [] : [this.#leaves]
  }

  /** Take the cancellation that is still to be delivered. */
  takePending(): CancelledError | null {
    const pending = this.#pending
    this.#pending = null
    return pending
  }

  keepPending(error: CancelledError): void {
    this.#pending = outermost(this.#pending, error)
  }

  add(leaf: Wait): void {
    if (this.#leaves === null) this.#leaves = leaf
    else if (this.#leaves instanceof Set) this.#leaves.add(leaf)
    else this.#leaves = new Set([this.#leaves, leaf])
  }

  remove(leaf: Wait): void {
    if (this.#leaves === leaf) this.#leaves = null
    else if (this.#leaves instanceof Set) this.#leaves.delete(leaf)
    if (this.#whenOver !== null) this.task._loop._push(this)
  }

  /** @internal */
  _deliver(error: CancelledError, reminder: boolean): void {
    this.#wasCancelled = true
    const leaves = this.leaves
    for (const leaf of leaves) leaf._deliver(error, reminder)
    if (leaves.length === 0 || this.isRunning()) this.keepPending(error)
  }

  /** Whether a branch of it is on the stack: one cancels its own task while siblings wait. */
  private isRunning(): boolean {
    return this.task._loop._isPausedFor(this.task) && currentStep() === null && slotHere() === this
  }

  /**
   * The function has settled. Awaits that are still under way (the losers of `Promise.race`) are cancelled, unless a
   * cancellation reached them before, and waited for; then `whenOver` is called, at once where there are none.
   */
  settled(whenOver: () => void): void {
    noteMaker(this.task._loop)
    if (this.isIdle) {
      this.#state = 'over'
      return whenOver()
    }
    this.#whenOver = whenOver
    if (this.#wasCancelled) return
    const error = new CancelledError('the function that awaited this has returned')
    for (const leaf of this.leaves) leaf._deliver(error, false)
  }

  /** @internal A leaf of a settled function is gone: see whether it was the last. */
  _run(): void {
    const whenOver = this.#whenOver
    if (whenOver === null || !this.isIdle || this.#state !== 'open') return
    this.#whenOver = null
    this.#state = 'over'
    whenOver()
  }

  /** @internal */
  get _platform(): PlatformContext | null {
    return emptyContext
  }

  /** @internal */
  _interrupt(error: CancelledError): void {
    for (const leaf of this.leaves) leaf._interrupt(error)
  }

  /** @internal */
  _retract(): void {
    this.#pending = null
    for (const leaf of this.leaves) leaf._retract()
  }

  /** @internal */
  _endResourceBody(end: ResourceEnd): boolean {
    return this.leaves.some((leaf) => leaf._endResourceBody(end))
  }

  /** @internal */
  _drop(): void {
    this.#state = 'ended'
    anyBodyEnded = true
    for (const leaf of this.leaves) leaf._drop()
    this.#leaves = this.#whenOver = null
  }
}

type Resolve = ((value: unknown) => unknown) | null | undefined
type Reject = ((error: unknown) => unknown) | null | undefined

/**
 * One `await` of an async function, from `then` to its resumption. It is what `then` returns, so that a `then` by hand
 * can be chained; the promise for that is made only when asked for.
 */
export class Wait implements Waiter, Entry, Deliverable, PromiseLike<unknown> {
  readonly body: Body
  readonly #resolve: Resolve
  readonly #reject: Reject
  /** What it waits for: something waitable, or a strand of generators that runs inside. */
  #on: Waitable | null
  #strand: InnerStrand | null
  #pending: CancelledError | null = null
  /** What `then` by hand gives: a promise still to be settled, or the settled one. */
  #chain: PromiseWithResolvers<unknown> | Promise<unknown> | null = null

  constructor(body: Body, resolve: Resolve, reject: Reject) {
    this.body = body
    this.#resolve = resolve
    this.#reject = reject
    this.#on = null
    this.#strand = null
    body.add(this)
  }

  /** The strand that runs inside, for inspection. */
  get strand(): InnerStrand | null {
    return this.#strand
  }

  /** What it waits for, for inspection. */
  get waitingFor(): Waitable | null {
    return this.#on
  }

  /** Wait for something that is not settled yet, or for one pass (a settled one wakes at once). */
  on(waitable: Waitable): void {
    this.#on = waitable
    waitable._subscribe(this)
    const pending = this.body.takePending()
    if (pending !== null) this._deliver(pending, false)
  }

  /** Wait for a strand, which tells `_strandEnded`. */
  onStrand(strand: InnerStrand): void {
    this.#strand = strand
  }

  /** @internal */
  get _subject(): object {
    return this.body.task
  }

  /** @internal */
  _wake(): void {
    this.body.task._loop._push(this)
  }

  /** @internal */
  get _platform(): PlatformContext | null {
    return emptyContext
  }

  /** @internal */
  _run(): void {
    const on = this.#on
    if (on === null) return // it was dropped
    let pending = this.#pending
    if (pending !== null && on._isCommitted) {
      this.body.keepPending(pending)
      pending = null
    }
    if (pending !== null || on._state === CANCELLED) {
      on._abandon()
      const cancelled = on._state === CANCELLED && on._value instanceof CancelledError ? on._value : null
      return this.settle(true, pending === null ? on._value : outermost(cancelled, pending))
    }
    try {
      if (!on._finish()) {
        on._subscribe(this)
        return
      }
    } catch (error) {
      return this.settle(true, error)
    }
    on._observe()
    this.settle(on._state === FAILED, on._value)
  }

  /** @internal The strand it waits for is through. */
  _strandEnded(strand: InnerStrand, failed: boolean, value: unknown): boolean {
    const pending = strand.takePending()
    if (pending !== null) this.body.keepPending(pending)
    this.settle(failed, value)
    return true
  }

  /** Resume the async function. Its next code runs in a microtask, so the pass is held for its task. */
  settle(failed: boolean, value: unknown): void {
    this.body.remove(this)
    this.body.task._loop._handOver(this.body.task)
    const next = answer(failed, value, this.#resolve, this.#reject)
    if (this.#chain !== null && 'resolve' in this.#chain) this.#chain.resolve(next)
    else this.#chain = next
  }

  /** @internal */
  _deliver(error: CancelledError, reminder: boolean): void {
    if (this.#strand !== null) this.#strand._deliver(error, reminder)
    else if (this.#on === null || !this.#on._cancelWait(error, reminder)) {
      this.#pending = outermost(this.#pending, error)
    }
  }

  /** @internal */
  _interrupt(error: CancelledError): void {
    if (this.#strand !== null) return this.#strand._interrupt(error)
    if (this.#on === null || this.#on._state !== PENDING) return
    this.#on._unsubscribe(this)
    this.#pending = outermost(this.#pending, error)
    this._wake()
  }

  /** @internal */
  _retract(): void {
    this.#pending = null
    this.#strand?._retract()
  }

  /** @internal */
  _endResourceBody(end: ResourceEnd): boolean {
    return this.#strand?._endResourceBody(end) ?? false
  }

  /** @internal */
  _drop(): void {
    this.#on?._unsubscribe(this)
    this.#on?._abandon()
    this.#on = null
    this.#strand?._drop()
  }

  then<A = unknown, B = never>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#chain ??= Promise.withResolvers()
    const promise = 'resolve' in this.#chain ? this.#chain.promise : this.#chain
    return promise.then(onFulfilled, onRejected)
  }
}

/** The body an `await` here belongs to: the one whose code is running, or a root of the loop that adopts it. */
export function bodyForAwait(): Body {
  if (currentStep() === null && !isInCallback()) {
    const body = slotHere() as Body | undefined
    if (body !== undefined && (!body.isOver || body.isEnded)) return body
  }
  const loop = loopHere()
  return rootOf(loop?.isRunning() ? loop : defaultLoop())
}

const roots = new WeakMap<Scheduler, Body>()

function rootOf(loop: Scheduler): Body {
  let root = roots.get(loop)
  if (root === undefined) {
    root = new Body({ _loop: loop, _context: rootHolder._context }, null, null)
    roots.set(loop, root)
  }
  return root
}

/** `then` of something that is not settled yet: have the async function wait for it. */
export function awaitHere(waitable: Waitable, resolve: Resolve, reject: Reject): PromiseLike<unknown> {
  const body = bodyForAwait()
  const wait = new Wait(body, resolve, reject)
  wait.on(waitable)
  noteMaker(body.task._loop)
  body.task._loop._goOn(body.task)
  return wait
}

/** What `then` returns where nothing will ever be answered. */
export const never: PromiseLike<never> = new Promise<never>(() => {})

let anyBodyEnded = false

/** Whether the code that calls `then` belongs to a body that was ended: it must not go on, and never hears back. */
export function isEndedHere(): boolean {
  return anyBodyEnded && bodyForAwait().isEnded
}

/**
 * Call the handler of a `then`, and give what the `then` gives. `await` passes handlers that return nothing and looks at
 * nothing, so that the usual case allocates nothing.
 */
export function answer(failed: boolean, value: unknown, resolve: Resolve, reject: Reject): Promise<unknown> {
  const handler = failed ? reject : resolve
  if (typeof handler !== 'function') return failed ? Promise.reject(value) : Promise.resolve(value)
  try {
    const next = handler(value)
    return next === undefined ? nothing : Promise.resolve(next)
  } catch (error) {
    return Promise.reject(error)
  }
}

const nothing = Promise.resolve()
