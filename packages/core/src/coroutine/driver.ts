/**
 * The driver: the only code that resumes generators.
 *
 * A strand is a stack of coroutines that run as one: a generator and the frames spliced on top of it. It belongs to a
 * task, either as the task's own code or inline, because an async function of the task awaits it. It runs step by step
 * until it suspends on something waitable or for one pass, and tells its owner when its generator is through.
 *
 * Library generators may yield an `Enter`: run this body as a part of the coroutine, in its scope. A generator body
 * becomes a frame; an async one becomes a `Body` that runs inside while the strand waits.
 *
 * | state     | is true                                                     | moved by               |
 * |-----------|-------------------------------------------------------------|------------------------|
 * | ready     | in the ready queue; starts, or goes on after a bare yield   | the loop               |
 * | running   | its code is on the stack                                    | the code               |
 * | waiting   | `waiting` will wake it                                      | what it waits for      |
 * | inside    | an async body runs inside (`inner`)                         | the end of that body   |
 * | ended     | its owner was told, or it was dropped                       | –                      |
 */
import { type Addressee, CancelledError, misuse, outermost, withoutSuppressed } from '../errors.ts'
import { hasAsyncContext, type PlatformContext, runInSlot } from '../host/async-context.ts'
import { COPY_KEY, thisCopy } from '../host/copy.ts'
import { brief } from '../host/inspect.ts'
import { enterStep, type StepHere, type TaskHere } from '../loop/current.ts'
import type { Entry } from '../loop/scheduler.ts'
import { delegateTo, isLibraryAwaitable, isThenable, wrongYield } from './awaitables.ts'
import { Body, type Deliverable, type ResourceEnd } from './body.ts'
import {
  type AnyGenerator,
  BEGIN,
  Frame,
  generatorNext,
  generatorReturn,
  generatorThrow,
  isGenerator,
  isGeneratorFunction,
  type StepResult,
} from './frame.ts'
import type { Suspension } from './types.ts'
import { CANCELLED, DONE, PENDING, Waitable, type Waiter } from './waitable.ts'

/** A section of a strand that can be cancelled and ended on its own; see `tasks/scope.ts`. */
export interface StrandScope {
  /** @internal The frame of the library generator that opened it; what is above it is the body. */
  _frame: Frame | null
  /** @internal Whether a cancellation from further out must wait until a shield, here or around here, is closed. */
  _keepsAway(error: CancelledError): boolean
  /** @internal Forget cancellations of the task that shields on this strand keep away. */
  _forgetKept(strand: Strand): void
  /** @internal End the body of the resource furthest in on this strand. Returns whether there was one. */
  _endResourceBodyOn(strand: Strand, end: ResourceEnd): boolean
}

export interface StrandOwner {
  /**
   * @internal The strand is through. Returns whether that handed control to async code, which has to come to its next await
   * before the loop goes on.
   */
  _strandEnded(strand: Strand, failed: boolean, value: unknown): boolean
}

/** What `runInside` yields to the driver. */
class Enter {
  get [COPY_KEY](): string {
    return thisCopy
  }

  readonly scope: StrandScope | null
  readonly fn: (...args: never[]) => unknown
  readonly args: readonly unknown[]

  constructor(scope: StrandScope | null, fn: (...args: never[]) => unknown, args: readonly unknown[]) {
    this.scope = scope
    this.fn = fn
    this.args = args
  }
}

/**
 * The instruction of a library generator to the driver, to be yielded: run `fn(...args)`, of either spelling, as a part of this
 * coroutine, inside `scope` where there is one. The yield gives its result.
 */
export function runInside(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[] = [],
  scope: StrandScope | null = null,
): Suspension {
  return new Enter(scope, fn, args) as unknown as Suspension
}

/** Where an ended scope is to go on: drop what is above its frame, and throw there. */
class Ending {
  readonly frame: Frame | null
  readonly error: unknown

  constructor(frame: Frame | null, error: unknown) {
    this.frame = frame
    this.error = error
  }
}

export class Strand implements Entry, Waiter, Deliverable, StepHere {
  readonly task: TaskHere
  /** @internal */
  readonly _platform: PlatformContext | null
  /** The innermost scope that is open. */
  scope: StrandScope | null
  readonly #owner: StrandOwner
  #generator: AnyGenerator | null
  #frame: Frame | null = null
  #waiting: Waitable | null = null
  #inner: Body | null = null
  /** What to do at the next resumption: throw a cancellation that found nothing to cancel, or end a scope. */
  #pending: CancelledError | Ending | null = null

  constructor(
    task: TaskHere,
    owner: StrandOwner,
    generator: AnyGenerator,
    scope: StrandScope | null,
    platform: PlatformContext | null,
  ) {
    this.task = task
    this.#owner = owner
    this.#generator = generator
    this.scope = scope
    this._platform = platform
  }

  get isInline(): boolean {
    return (this.#owner as unknown) !== this.task
  }

  /** What it waits for, for inspection. */
  get waitingFor(): Waitable | null {
    return this.#waiting
  }

  /** The coroutine that is suspended furthest in. */
  get innermost(): AnyGenerator | null {
    return this.#frame === null ? this.#generator : this.#frame.generator
  }

  /** Its coroutines, the innermost first. */
  get generators(): AnyGenerator[] {
    const generators: AnyGenerator[] = []
    for (let frame = this.#frame; frame !== null; frame = frame.up) generators.push(frame.generator)
    if (this.#generator !== null) generators.push(this.#generator)
    return generators
  }

  get innerBody(): Body | null {
    return this.#inner
  }

  /** Whether a cancellation is still to be delivered. */
  get hasPending(): boolean {
    return this.#pending instanceof CancelledError
  }

  takePending(): CancelledError | null {
    const pending = this.#pending
    if (!(pending instanceof CancelledError)) return null
    this.#pending = null
    return pending
  }

  /** Forget a cancellation that is still to be delivered, if it is addressed to `scope`. */
  retractFor(scope: Addressee): void {
    if (this.#pending instanceof CancelledError && this.#pending._addressee === scope) this.#pending = null
  }

  /** @internal */
  _retract(): void {
    this.takePending()
    this.scope?._forgetKept(this)
    this.#inner?._retract()
  }

  keepPending(error: CancelledError): void {
    if (!(this.#pending instanceof Ending)) this.#pending = outermost(this.#pending, error)
  }

  /** Run the first step on the spot. Returns whether control went to async code. */
  start(): boolean {
    return this.drive(undefined, false)
  }

  /** @internal */
  get _subject(): object {
    return this.task
  }

  /** @internal */
  _wake(): void {
    this.task._loop._push(this)
  }

  /** @internal */
  _run(): void {
    if (this.#generator === null) return
    const waiting = this.#waiting
    if (waiting !== null) this.#waiting = null
    let pending = this.#pending
    if (pending !== null) {
      this.#pending = null
      if (pending instanceof Ending) return this.endScope(pending)
      if (waiting !== null && waiting._state === CANCELLED && waiting._value instanceof CancelledError) {
        pending = outermost(waiting._value, pending)
      }
      this.drive(pending, true)
    } else if (waiting === null) this.drive(undefined, false)
    else {
      waiting._observe()
      this.drive(waiting._value, waiting._state !== DONE)
    }
  }

  // ---------------------------------------------------------------- cancelling

  /** @internal */
  _deliver(error: CancelledError, reminder: boolean): void {
    if (this.scope?._keepsAway(error)) return
    if (this.#inner !== null) this.#inner._deliver(error, reminder)
    else if (this.#waiting === null || !this.#waiting._cancelWait(error, reminder)) this.keepPending(error)
  }

  /** @internal */
  _interrupt(error: CancelledError): void {
    if (this.#inner !== null) return this.#inner._interrupt(error)
    if (this.#waiting === null || this.#waiting._state !== PENDING) return
    this.#waiting._unsubscribe(this)
    this.keepPending(error)
    this._wake()
  }

  /**
   * End the body of a scope that would not stop: its frames are dropped, and `error` is thrown into the library's own frame
   * below them, in the next pass. Of several scopes that are ended until then the outermost counts.
   */
  endDownTo(frame: Frame | null, error: unknown): void {
    const ending = this.#pending
    if (ending instanceof Ending) {
      if (!isOnTopOf(frame, ending.frame)) this.#pending = new Ending(frame, error)
      return
    }
    const isQueued = this.#inner === null && (this.#waiting === null || this.#waiting._state !== PENDING)
    this.#inner?._drop()
    this.#inner = null
    if (!isQueued) {
      this.#waiting?._unsubscribe(this)
      this._wake()
    }
    this.#pending = new Ending(frame, error)
  }

  /** @internal */
  _endResourceBody(end: ResourceEnd): boolean {
    if (this.#inner?._endResourceBody(end)) return true
    return this.scope?._endResourceBodyOn(this, end) ?? false
  }

  /** @internal */
  _drop(): void {
    this.#inner?._drop()
    this.#inner = null
    this.#waiting?._unsubscribe(this)
    this.#waiting = null
    this.dropFrames(null)
    if (this.#generator !== null) this.close(this.#generator)
    this.#generator = null
  }

  private endScope({ frame, error }: Ending): void {
    this.dropFrames(frame)
    this.drive(error, true)
  }

  /** Innermost first, as an error would unwind them. */
  private dropFrames(downTo: Frame | null): void {
    while (this.#frame !== null && this.#frame !== downTo) {
      const { generator, up } = this.#frame
      this.close(generator)
      this.#frame = up
    }
  }

  /** Let the `finally` blocks of a generator run, as far as they do not suspend; one that refuses to end is given up. */
  private close(generator: AnyGenerator): void {
    const outer = enterStep(this)
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        if (generatorReturn.call(generator, undefined).done === true) return
      }
    } catch (exception) {
      this.task._loop.callExceptionHandler({
        message: 'Exception in the clean-up of a coroutine that was ended',
        exception,
      })
    } finally {
      enterStep(outer)
    }
  }

  // ---------------------------------------------------------------- resuming

  private drive(value: unknown, failed: boolean): boolean {
    const outerStep = enterStep(this)
    try {
      return this.resume(value, failed)
    } finally {
      enterStep(outerStep)
    }
  }

  /** Go on until the strand suspends or ends. Returns whether control went to async code. */
  private resume(value: unknown, failed: boolean): boolean {
    let frame = this.#frame
    let generator = (frame === null ? this.#generator : frame.generator) as AnyGenerator
    for (;;) {
      let result: StepResult
      try {
        result = failed ? generatorThrow.call(generator, value) : generatorNext.call(generator, value)
      } catch (error) {
        value = failed ? restoreCancelled(error, value) : error
        if (frame === null) return this.end(true, value)
        failed = true
        this.#frame = frame = frame.up
        generator = (frame === null ? this.#generator : frame.generator) as AnyGenerator
        continue
      }
      failed = false
      if (result.done === true) {
        value = result.value
        if (frame === null) return this.end(false, value)
        this.#frame = frame = frame.up
        generator = (frame === null ? this.#generator : frame.generator) as AnyGenerator
        continue
      }
      const top = Frame.splice(result, frame)
      if (top !== frame) {
        this.#frame = frame = top as Frame
        generator = frame.generator
      }

      const yielded = result.value
      if (yielded === undefined) {
        this.task._loop._push(this)
        return false
      }
      if (yielded instanceof Waitable && yielded._subscribe(this)) {
        this.#waiting = yielded
        if (this.#pending !== null) this.deliverPending(yielded)
        return false
      }
      if (yielded === BEGIN) {
        value = undefined
        continue
      }
      if (!(yielded instanceof Enter)) {
        value = wrongYield(yielded)
        failed = true
        continue
      }
      if (yielded.scope !== null) {
        yielded.scope._frame = frame
        this.scope = yielded.scope
      }
      try {
        value = this.enter(yielded)
      } catch (error) {
        value = error
        failed = true
        continue
      }
      if (this.#inner !== null) return true
      if (isGenerator(value)) {
        this.#frame = frame = Frame.on(frame, value)
        generator = value
        value = undefined
      }
    }
  }

  /** It suspends with a cancellation under way: what it waits for is cancelled at once. */
  private deliverPending(waiting: Waitable): void {
    if (this.#pending instanceof CancelledError && waiting._cancelWait(this.#pending, false))
      this.#pending = null
  }

  private end(failed: boolean, value: unknown): boolean {
    this.#generator = this.#frame = null
    return this.#owner._strandEnded(this, failed, value)
  }

  // ---------------------------------------------------------------- bodies that run inside

  /** Begin a body. Returns a generator to run as a frame, or the value it came to; an async body is in `#inner` then. */
  private enter({ fn, args }: Enter): unknown {
    if (isGeneratorFunction(fn)) return fn(...(args as never[]))
    const body = new Body(this.task, this.scope, fn)
    const outcome = runBody(this._platform, body, fn, args)
    if (isLibraryAwaitable(outcome)) return delegateTo(outcome)
    if (!isThenable(outcome)) return outcome
    this.#inner = body
    const pending = this.takePending()
    if (pending !== null) body.keepPending(pending)
    this.task._loop._handOver(this.task)
    outcome.then(
      (result) => this.innerSettled(body, false, result),
      (error) => this.innerSettled(body, true, withoutSuppressed(error)),
    )
    return undefined
  }

  /** The async body's function has settled: back into the frame that entered it, without a pass. */
  private innerSettled(body: Body, failed: boolean, value: unknown): void {
    if (this.#inner !== body) return
    const pending = body.takePending()
    let handedOver = false
    body.settled(() => {
      if (this.#inner !== body) return
      this.#inner = null
      if (pending !== null) this.keepPending(pending)
      handedOver = this.drive(value, failed)
    })
    if (!handedOver) this.task._loop._goOn(this.task)
  }
}

/** Whether `frame` is `other`, or one above it; null is the generator at the bottom. */
function isOnTopOf(frame: Frame | null, other: Frame | null): boolean {
  let below = frame
  while (below !== null && below !== other) below = below.up
  return below === other
}

/** Run a function that may be async, with `body` in polvo's slot. Its result may be of any kind. */
export function runBody(
  platform: PlatformContext | null,
  body: Body,
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
): unknown {
  const outer = enterStep(null)
  try {
    if (platform === null) return refuseAsync(fn, fn(...(args as never[])))
    return runInSlot(platform, body, fn, args as never[])
  } finally {
    enterStep(outer)
  }
}

function refuseAsync(fn: unknown, outcome: unknown): unknown {
  if (hasAsyncContext || isLibraryAwaitable(outcome) || !isThenable(outcome)) return outcome
  throw misuse(
    `${brief(fn)} is async, and this platform has no async context by which its awaits would find their task. ` +
      'Use the generator spelling: function* and yield*.',
  )
}

/**
 * `yield*` over an iterator without a `throw` method turns whatever is thrown in into a TypeError about that; a
 * cancellation must not get lost so.
 */
function restoreCancelled(thrown: unknown, sent: unknown): unknown {
  const isAboutIterator = thrown instanceof TypeError && thrown.message.includes("'throw' method")
  return sent instanceof CancelledError && isAboutIterator ? sent : thrown
}
