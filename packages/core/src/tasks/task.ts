/**
 * A task: a coroutine that the loop runs, and the future of its result. It can be cancelled at every suspension.
 *
 * | state      | is true                                                        | next                       |
 * |------------|----------------------------------------------------------------|----------------------------|
 * | scheduled  | starts in the next pass; cancelled before that, it never runs  | running, done              |
 * | running    | `#runner` is its strand of generators, or its async body       | cancelling, done           |
 * | cancelling | as running, and there is a request; its clean-up may suspend   | done, running (`uncancel`) |
 * | done       | settled; its owner hears of it in the next pass                | –                          |
 */
import { delegateTo, isLibraryAwaitable, isThenable } from '../coroutine/awaitables.ts'
import { Body } from '../coroutine/body.ts'
import { runBody, Strand, type StrandOwner } from '../coroutine/driver.ts'
import { type AnyGenerator, isGenerator } from '../coroutine/frame.ts'
import { Future } from '../coroutine/future.ts'
import { CANCELLED, DONE, FAILED, PENDING, type Waitable } from '../coroutine/waitable.ts'
import { CancelledError, misuse, type Requester, withoutSuppressed } from '../errors.ts'
import { emptyContext, type PlatformContext, withoutSlot } from '../host/async-context.ts'
import { createdAt, noteCreationSite } from '../host/creation-sites.ts'
import { Context } from '../loop/context.ts'
import { type HeldValues, valuesOf } from '../loop/context-values.ts'
import { isEnteredHere, runApart, type TaskHere, taskHere } from '../loop/current.ts'
import { type Linked, type LinkedList, unlink } from '../loop/linked-list.ts'
import type { Entry, Scheduler } from '../loop/scheduler.ts'
import { Grace, type Stoppable } from './grace.ts'
import { describeRunner, waitsOf } from './inspect-task.ts'
import { callAndListen, isListenedTo, Launch, type Launched } from './launch.ts'
import type { AnyFunction, Work } from './target.ts'

/** Whoever answers for a task: a group. A task without an owner is the loop's. */
export interface TaskOwner {
  /** @internal */
  readonly _children: LinkedList<Task>
  /** @internal Called in a pass after the task has settled. */
  _childDone(task: Task): void
}

let count = 0

// The tasks through which a cancellation is just passed on. One that it comes back to is in a circle of tasks that wait for
// each other: the circle is broken there. The first is kept apart because most often it is the only one.
let firstToPassOn: object | null = null
const othersToPassOn = new Set<object>()

function isPassingOn(task: object): boolean {
  return task === firstToPassOn || othersToPassOn.has(task)
}

/**
 * A coroutine that the loop runs, and the future of its result; `createTask` makes it. It is kept alive until it is done. To
 * await it inside itself is a TypeError. asyncio's `Task`.
 */
export class Task<T = unknown>
  extends Future<T>
  implements TaskHere, Launched, StrandOwner, Requester, Stoppable, Linked, Entry
{
  /** @internal */
  readonly _loop: Scheduler
  /** @internal */
  _context: HeldValues
  /** @internal */
  _prev: Linked | null = null
  /** @internal */
  _next: Linked | null = null
  /** @internal Requests addressed to the whole task. */
  _requests = 0
  /** @internal Requests addressed to it or to a scope inside. */
  _allRequests = 0
  readonly #owner: TaskOwner | null
  #name: string | number
  #runner: Strand | Body | null
  #grace: Grace | null = null
  #abortController: AbortController | null = null

  /**
   * @internal
   * @param eager run the first step on the spot, in place of the next pass
   */
  constructor(
    loop: Scheduler,
    work: Work,
    owner: TaskOwner | null,
    context: HeldValues,
    platform: PlatformContext | null,
    name: string | undefined,
    eager: boolean,
  ) {
    super()
    this._loop = loop
    this._context = context
    this.#owner = owner
    this.#name = name ?? ++count
    const list = owner === null ? loop._ownTasks : owner._children
    list.push(this)
    let start: Entry
    if (work.fn === null) this.#runner = start = new Strand(this, this, work.generator, null, platform)
    else {
      const body = new Body(this, null, work.fn)
      this.#runner = body
      start = new Launch(this, body, work.fn, work.args, platform)
    }
    noteCreationSite(this)
    if (eager) startNow(start)
    else loop._push(start)
  }

  /** Its name: the one it was given, else `Task-` and a number. */
  getName(): string {
    return typeof this.#name === 'number' ? `Task-${this.#name}` : this.#name
  }

  /** Give it another name, for inspection and reports. */
  setName(name: string): void {
    this.#name = String(name)
  }

  /** The context its code runs in. Setting a variable there is seen by the task, and by no other. */
  getContext(): Context {
    if (this._context instanceof Context) return this._context
    const context = new Context(valuesOf(this))
    this._context = context
    return context
  }

  // ---------------------------------------------------------------- cancelling

  /**
   * Ask the task to stop: what it waits for is cancelled, and a CancelledError is thrown at its await, or at its next one.
   * It travels through tasks it awaits to the innermost. The task may clean up, also suspending, in `finally`.
   *
   * Returns false when the task is done. A second call is a second request, which is delivered again; see `cancelling`.
   * Not a checkpoint: await the task to wait for its end. A task that will not stop within the loop's `cancelGrace` is
   * told again, and after as long again ended.
   */
  override cancel(reason?: unknown): boolean {
    return this._cancelFor(taskHere() as Task | null, reason)
  }

  /** @internal */
  _cancelFor(requester: Requester | null, reason?: unknown): boolean {
    if (this._state !== PENDING) return false
    const request = new CancelledError(reason, requester)
    this.request(request, false)
    this.#grace ??= Grace.begin(this, request)
    return true
  }

  /** How many requests to cancel it are outstanding, those of its own timeouts and groups included. */
  cancelling(): number {
    return this._allRequests
  }

  /**
   * Take one request back: the task handled its cancellation, and means to go on. With the last one goes a CancelledError
   * that is still to be delivered, and the grace period. Returns how many are left; nothing happens where there is none.
   */
  uncancel(): number {
    if (this._allRequests === 0) return 0
    this._allRequests--
    if (this._requests > 0) this._requests--
    if (this._allRequests === 0) {
      this.#runner?._retract()
      this.stopGrace()
    }
    return this._allRequests
  }

  /**
   * An AbortSignal that is aborted when the task is cancelled, for any API that takes one. Its reason is a CancelledError. It is
   * made on first use, is not aborted by timeouts and other scopes inside the task, and stays aborted after `uncancel`.
   */
  get signal(): AbortSignal {
    this.#abortController ??= new AbortController()
    if (this._requests > 0) this.#abortController.abort(this.#grace?.request ?? new CancelledError())
    return this.#abortController.signal
  }

  /** @internal A cancellation that comes through an await: it counts, but starts no grace period of its own. */
  override _cancelWait(error: CancelledError, reminder = false): boolean {
    if (this._state !== PENDING) return false
    this.request(error._forWholeTask(), reminder)
    return true
  }

  private request(error: CancelledError, reminder: boolean): void {
    if (!reminder) {
      this._requests++
      this._allRequests++
    }
    this.#abortController?.abort(error)
    if (isPassingOn(this)) this.#runner?._interrupt(error)
    else if (firstToPassOn === null) {
      firstToPassOn = this
      this.#runner?._deliver(error, reminder)
      firstToPassOn = null
    } else {
      othersToPassOn.add(this)
      this.#runner?._deliver(error, reminder)
      othersToPassOn.delete(this)
    }
  }

  /** @internal What runs its code, for inspection; null once it is done. */
  get _runner(): Strand | Body | null {
    return this.#runner
  }

  /** @internal */
  get _task(): TaskHere {
    return this
  }

  /** @internal */
  _remind(request: CancelledError, graceMs: number): void {
    this._reportStubborn(`it was cancelled ${graceMs} ms ago, is still running, and is told again`)
    this.#runner?._deliver(request, true)
  }

  /** @internal */
  _reportEnd(graceMs: number): void {
    this._reportStubborn(`it was told again ${graceMs} ms ago, is still running, and is ended`)
  }

  /** @internal */
  _endResource(whenClosed: () => void): boolean {
    return this.#runner?._endResourceBody({ within: null, error: this.wouldNotStop, whenClosed }) ?? false
  }

  /** @internal */
  _end(): void {
    this.#runner?._drop()
    this.finish(true, this.wouldNotStop, null)
  }

  private get wouldNotStop(): CancelledError {
    return new CancelledError('the task would not stop, and was ended', this)
  }

  /** @internal */
  _reportStubborn(what: string, who = this._describe()): void {
    this._loop.callExceptionHandler({ message: `${who} swallows its cancellation: ${what}`, task: this })
  }

  private reportSwallowed(): void {
    this._loop.callExceptionHandler({
      message:
        `${this._describe()} was cancelled and returned as if nothing had happened: a catch has swallowed the ` +
        'CancelledError. Begin it with rethrowCancelled(error), or call uncancel() if that is meant.',
      task: this,
    })
  }

  private stopGrace(): void {
    this.#grace?.stop()
    this.#grace = null
  }

  // ---------------------------------------------------------------- running

  /** @internal Run the function of an async-spelled task. */
  _launch(body: Body, fn: AnyFunction, args: readonly unknown[], platform: PlatformContext | null): void {
    if (this._state !== PENDING) return
    const cancelled = body.takePending()
    if (cancelled !== null) return this.finish(true, cancelled, null)
    let outcome: unknown
    try {
      outcome = runBody(platform, body, callAndListen, [fn, args] as never)
    } catch (error) {
      return this.finish(true, error, null)
    }
    if (isGenerator(outcome)) return this.continueWith(outcome, body, platform)
    if (isLibraryAwaitable(outcome)) return this.continueWith(delegateTo(outcome), body, platform)
    if (!isThenable(outcome)) return this.finish(false, outcome, body.takePending())
    this._loop._handOver(this)
    if (isListenedTo(outcome)) return
    outcome.then(
      (result) => this._bodySettled(body, false, result),
      (error) => this._bodySettled(body, true, error),
    )
  }

  /** A plain function returned a coroutine: that is the task's code from now on. */
  private continueWith(generator: AnyGenerator, body: Body, platform: PlatformContext | null): void {
    const context = withoutSlot(platform)
    const strand = new Strand(this, this, generator, null, context)
    const pending = body.takePending()
    if (pending !== null) strand.keepPending(pending)
    this.#runner = strand
    if (context === null) strand.start()
    else context.runInAsyncScope(strand.start, strand)
  }

  /** @internal */
  _bodySettled(body: Body, failed: boolean, value: unknown): void {
    if (this._state !== PENDING) return
    const outcome = failed ? withoutSuppressed(value) : value
    body.settled(() => this.finish(failed, outcome, body.takePending()))
    this._loop._goOn(this)
  }

  /** @internal */
  _strandEnded(strand: Strand, failed: boolean, value: unknown): boolean {
    this.finish(failed, value, strand.takePending())
    return false
  }

  /** A request that was never delivered cancels the task all the same. */
  private finish(failed: boolean, value: unknown, undelivered: CancelledError | null): void {
    if (this._loop.getDebug() && !failed && undelivered === null && this._requests > 0) this.reportSwallowed()
    this.#runner = null
    this.stopGrace()
    unlink(this)
    if (this.#owner !== null) {
      this._isObserved = true
      this._loop._push(this)
    }
    if (failed) this._settle(value instanceof CancelledError ? CANCELLED : FAILED, value)
    else if (undelivered !== null) this._settle(CANCELLED, undelivered)
    else this._settle(DONE, value)
  }

  /** @internal */
  override _stopsBy(): number {
    return this.#grace?._when ?? Number.NEGATIVE_INFINITY
  }

  /** @internal What it waits for now. */
  override _members(): Iterable<Waitable> {
    return this.#runner === null ? [] : waitsOf(this.#runner)
  }

  /** @internal Tell the owner, in the pass after the end. */
  _run(): void {
    this.#owner?._childDone(this as Task)
  }

  /** @internal */
  get _platform(): PlatformContext | null {
    return emptyContext
  }

  /** @internal */
  override _loopForReports(): Scheduler {
    return this._loop
  }

  // ---------------------------------------------------------------- as a promise

  /** As `then(undefined, onRejected)`; not inside the task itself. */
  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): PromiseLike<T | B> {
    return this.then(undefined, onRejected)
  }

  /**
   * Call `onFinally` when the task is done, however it ended. Returns a native promise of the outcome, which cannot be
   * interrupted.
   */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return Promise.resolve(this.then()).finally(onFinally)
  }

  // ---------------------------------------------------------------- refusals

  /** @throws TypeError always: a task's result is what its coroutine returns. */
  override setResult(_value: T): never {
    throw misuse(`${this._describe()} gets its result from its coroutine; setResult() is for futures.`)
  }

  /** @throws TypeError always: a task's error is what its coroutine throws. */
  override setException(_error: unknown): never {
    throw misuse(`${this._describe()} gets its error from its coroutine; setException() is for futures.`)
  }

  /** @internal */
  override next(): ReturnType<Future<T>['next']> {
    this.refuseSelf()
    return super.next()
  }

  /** As a future's. @throws TypeError in the task itself, which would wait for ever. */
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    this.refuseSelf()
    return super.then(onFulfilled, onRejected)
  }

  private refuseSelf(): void {
    if (this._state === PENDING && taskHere() === this) {
      throw misuse(`${this._describe()} awaits itself, and would never end.`)
    }
  }

  // ---------------------------------------------------------------- showing itself

  /** @internal */
  _describe(): string {
    return typeof this.#name === 'number' ? this.getName() : `task '${this.#name}'`
  }

  /** @internal The line without what it does and waits for. */
  override _brief(): string {
    return `<Task ${this.summary()}>`
  }

  /** @internal */
  protected override _outcome(): string {
    return this.summary() + describeRunner(this.#runner) + createdAt(this)
  }

  private summary(): string {
    const [state, ...details] = super._outcome().split(' ')
    const running = this._state === PENDING && this._allRequests > 0 ? 'cancelling' : state
    return [running, `name='${this.getName()}'`, ...details].join(' ')
  }
}

/**
 * Run the first step of a task in the middle of other code, as if the loop did. Its async context is often entered already, by a foreign
 * callback that starts it; entering it once more would cost a web server half a microsecond for each request.
 */
function startNow(start: Entry): void {
  const context = start._platform
  if (context === null || start instanceof Launch || isEnteredHere(context)) runApart(start)
  else context.runInAsyncScope(runApart, undefined, start)
}
