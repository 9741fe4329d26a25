/**
 * A scope: a section of a task that can be cancelled, and ended, on its own. Timeouts, groups and cancel scopes are scopes;
 * the task is the outermost.
 *
 * A request is addressed to a scope and delivered to the await under way inside it. The scope converts a CancelledError
 * that comes out of its body into whatever it stands for, unless a scope around it has gained a request since it was
 * entered: then the error is that one's, and goes on. At its exit a scope takes its requests back, with a CancelledError
 * that is still to be delivered.
 *
 * | state  | is true                                                | next   |
 * |--------|--------------------------------------------------------|--------|
 * | new    | not entered; it serves once                            | open   |
 * | open   | its library generator is on a strand, its body above   | closed |
 * | closed | requests do nothing                                    | –      |
 */
import type { ResourceEnd } from '../coroutine/body.ts'
import { runInside, Strand, type StrandScope } from '../coroutine/driver.ts'
import type { Frame } from '../coroutine/frame.ts'
import type { Suspension } from '../coroutine/types.ts'
import { type Addressee, CancelledError, InvalidStateError, outermost, type Requester } from '../errors.ts'
import { currentStep, type TaskHere } from '../loop/current.ts'
import type { Scheduler } from '../loop/scheduler.ts'
import { Grace, type Stoppable } from './grace.ts'
import type { Task } from './task.ts'

/**
 * A section of a task that can be cancelled on its own: what timeouts, task groups and cancel scopes have in common. It serves
 * once.
 */
export abstract class Scope implements StrandScope, Addressee, Requester, Stoppable {
  /** @internal */
  _frame: Frame | null = null
  /** @internal */
  _depth = 0
  #strand: Strand | null = null
  #parent: Scope | null = null
  #state: 'new' | 'open' | 'closed' = 'new'
  #requests = 0
  /** Requests of the scopes around it when it was entered. */
  #requestsAround = 0
  #grace: Grace | null = null
  #hasBodyEnded = false
  /** A cancellation from outside that it has kept away as a shield. */
  #kept: CancelledError | null = null

  /** @internal Whether it keeps cancellations from outside away from its body. */
  get _isShield(): boolean {
    return false
  }

  /**
   * @internal Whether a shield between here and the addressee of `error` keeps it away. It is delivered when that shield is
   * closed.
   */
  _keepsAway(error: CancelledError): boolean {
    const depth = error._addressee === null ? 0 : error._addressee._depth
    for (let scope: Scope | null = this; scope !== null && scope._depth > depth; scope = scope.#parent) {
      if (!scope._isShield) continue
      scope.#kept = outermost(scope.#kept, error)
      return true
    }
    return false
  }

  /** @internal */
  _forgetKept(strand: Strand): void {
    for (let scope: Scope | null = this; scope !== null && scope.#strand === strand; scope = scope.#parent) {
      if (scope.#kept?._addressee === null) scope.#kept = null
    }
  }

  /** The cancellation from outside that it has kept away, to be thrown now. */
  protected takeKept(): CancelledError | null {
    const kept = this.#kept
    this.#kept = null
    return kept
  }

  /** @internal Whether its body is that of a resource, which is closed after it. */
  get _isResourceBody(): boolean {
    return false
  }

  /** @internal What it is, for errors and reports: `timeout(500)`. */
  abstract _describe(): string

  /** Whether it was entered and has not ended. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** The task it belongs to. @throws InvalidStateError before it is entered. */
  get task(): Task {
    return this.entered.task as Task
  }

  /** @internal */
  get _task(): TaskHere {
    return this.entered.task
  }

  /** @internal */
  get _loop(): Scheduler {
    return this.entered.task._loop
  }

  private get entered(): Strand {
    if (this.#strand === null) throw new InvalidStateError(`${this._describe()} was not entered yet.`)
    return this.#strand
  }

  /** Open it around what the library generator that runs now will have run with `inside`. */
  protected enter(): void {
    if (this.#state !== 'new') throw new InvalidStateError(`${this._describe()} serves once; make a new one.`)
    const strand = currentStep()
    if (!(strand instanceof Strand)) {
      throw new InvalidStateError(`${this._describe()} works inside a task, and was driven by hand.`)
    }
    this.#state = 'open'
    this.#strand = strand
    this.#parent = strand.scope as Scope | null
    this._depth = this.#parent === null ? 1 : this.#parent._depth + 1
    this.#requestsAround = this.requestsOutside
    // A request that is still to be delivered will be delivered inside: it is one that came while this was open.
    if (strand.hasPending) this.#requestsAround--
    if (this._isShield) this.#kept = strand.takePending()
  }

  /** The instruction to run a body in this scope. */
  protected inside(fn: (...args: never[]) => unknown, ...args: unknown[]): Suspension {
    return runInside(fn, args, this)
  }

  /** The body has ended, though the scope has more to do: it need not be told again. */
  protected bodyEnded(): void {
    this.#hasBodyEnded = true
    this.#grace?.stop()
  }

  /** Close it, however the body ended. Synchronous, and harmless a second time. */
  protected close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.entered.scope = this.#parent
    this.bodyEnded()
    if (this.#requests > 0) {
      this.task._allRequests -= this.#requests
      this.#requests = 0
      this.entered.retractFor(this)
    }
    if (this.#kept !== null) this.entered._deliver(this.#kept, false)
  }

  /** Address a request to it: the await under way inside is cancelled. Nothing happens when it is not open. */
  protected request(reason?: unknown): void {
    if (this.#state !== 'open') return
    this.#requests++
    this.task._allRequests++
    const request = new CancelledError(reason, this, this)
    this.entered._deliver(request, false)
    if (!this.#hasBodyEnded) this.#grace ??= Grace.begin(this, request)
  }

  /** Whether somebody has asked it to be cancelled. */
  protected get isRequested(): boolean {
    return this.#requests > 0
  }

  /** Requests addressed to the scopes around it, the task included. */
  protected get requestsOutside(): number {
    let requests = this.task._requests
    for (let scope = this.#parent; scope !== null; scope = scope.#parent) requests += scope.#requests
    return requests
  }

  /** Whether a scope around it has gained a request since it was entered: a CancelledError is that one's then. */
  protected get isCancelledOutside(): boolean {
    return this.requestsOutside > this.#requestsAround
  }

  /** Have the next await outside throw: a request that came while something else was thrown must not get lost. */
  protected redeliverOutside(): void {
    this.entered.keepPending(new CancelledError(undefined, null, this.outermostRequested))
  }

  /** The outermost scope around it that has requests; null where the task has. */
  private get outermostRequested(): Scope | null {
    let outermost: Scope | null = null
    for (let scope = this.#parent; scope !== null; scope = scope.#parent)
      if (scope.#requests > 0) outermost = scope
    return this.task._requests > 0 ? null : outermost
  }

  /** @internal */
  _remind(request: CancelledError, graceMs: number): void {
    if (this.#state !== 'open') return
    this.report(`it was cancelled ${graceMs} ms ago, is still running, and is told again`)
    this.entered._deliver(request, true)
  }

  /** @internal */
  _reportEnd(graceMs: number): void {
    this.report(`it was told again ${graceMs} ms ago, is still running, and is ended`)
  }

  /** @internal */
  _endResource(whenClosed: () => void): boolean {
    return this.entered._endResourceBody({ within: this, error: this.wouldNotStop, whenClosed })
  }

  /** @internal */
  _end(): void {
    this.endBody(this.wouldNotStop)
  }

  /** Drop the body, and throw `error` in its place. */
  protected endBody(error: CancelledError): void {
    this.entered.endDownTo(this._frame, error)
  }

  private get wouldNotStop(): CancelledError {
    return new CancelledError('the body would not stop, and was ended', this, this)
  }

  /** @internal */
  _endResourceBodyOn(strand: Strand, end: ResourceEnd): boolean {
    for (
      let scope: Scope | null = this;
      scope !== null && scope !== end.within && scope.#strand === strand;
      scope = scope.#parent
    ) {
      if (!scope._isResourceBody) continue
      scope._endFor(end)
      return true
    }
    return false
  }

  /** @internal */
  _endFor(end: ResourceEnd): void {
    this.endBody(end.error)
  }

  private report(what: string): void {
    this.task._reportStubborn(what, `The body of ${this._describe()} in ${this.task._describe()}`)
  }
}
