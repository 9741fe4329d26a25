/**
 * Who is running: the one place that answers "which task, which loop, which context does this code belong to".
 *
 * Synchronously, code runs in a step of a generator coroutine (`step`), in a callback of the loop (`callback`), or in
 * neither. Code of an async function is in neither: it is found through polvo's slot in the async context, which holds
 * the body it runs in. The driver and the handles set `step` and `callback` around what they call, and reset them around
 * the synchronous first part of an async function.
 */
import type { CancelledError } from '../errors.ts'
import {
  captureContext,
  captureForeignContext,
  emptyContext,
  type PlatformContext,
  slotHere,
} from '../host/async-context.ts'
import { type ContextHolder, rootHolder, type SharedValues } from './context-values.ts'
import { type Entry, runningScheduler, type Scheduler } from './scheduler.ts'

/** What this layer knows of a task. */
export interface TaskHere extends ContextHolder {
  /** @internal */
  readonly _loop: Scheduler
}

/** What this layer knows of a body, an activation of an async function. */
export interface BodyHere {
  readonly task: TaskHere
  /** The function has settled: what still awaits does not belong to the task any more. */
  readonly isOver: boolean
}

/** A piece of generator code that is running: a step of a coroutine in a task. */
export interface StepHere {
  readonly task: TaskHere
  /** @internal */
  readonly _platform: PlatformContext | null
  /** It runs inside an async function that awaits it, so its async context holds that function's body. */
  readonly isInline: boolean
  /** Deliver a cancellation at the next await. */
  keepPending(error: CancelledError): void
}

/** A callback of the loop that is running. */
export interface CallbackHere extends ContextHolder {
  /** @internal */
  readonly _platform: PlatformContext | null
}

let step: StepHere | null = null
let callback: CallbackHere | null = null

export function currentStep(): StepHere | null {
  return step
}

export function isInCallback(): boolean {
  return callback !== null
}

/** Note that `next` runs now. Returns what ran before, to be put back. */
export function enterStep(next: StepHere | null): StepHere | null {
  const before = step
  step = next
  return before
}

/** Call a callback of the loop in its own context. */
export function runCallback<Args extends unknown[]>(
  holder: CallbackHere,
  fn: (...args: Args) => void,
  ...args: Args
): void {
  const [outerStep, outerCallback] = [step, callback]
  step = null
  callback = holder
  try {
    fn(...args)
  } finally {
    step = outerStep
    callback = outerCallback
  }
}

/** The body whose async code is running, if it is still under way. */
export function bodyHere(): BodyHere | null {
  if (step !== null || callback !== null) return null
  const body = slotHere() as BodyHere | undefined
  return body === undefined || body.isOver ? null : body
}

export function taskHere(): TaskHere | null {
  if (step !== null) return step.task
  return bodyHere()?.task ?? null
}

/** A context that was entered by `Context.run`, and the code that did it: code it starts is in a context of its own. */
interface EnteredContext {
  readonly holder: ContextHolder
  readonly step: StepHere | null
  readonly callback: CallbackHere | null
}

let entered: EnteredContext | null = null

/** Call `fn(...args)` with context variables looked up and set in `holder`. The task stays the same. */
export function runInContext<Args extends unknown[], R>(
  holder: ContextHolder,
  fn: (...args: Args) => R,
  ...args: Args
): R {
  const outer = entered
  entered = { holder, step, callback }
  try {
    return fn(...args)
  } finally {
    entered = outer
  }
}

/** Where context variables are looked up and set. */
export function holderHere(): ContextHolder {
  if (entered !== null && entered.step === step && entered.callback === callback) return entered.holder
  return ownHolder()
}

/** The holder of the code that is running, whatever context it has entered. */
function ownHolder(): ContextHolder {
  return step?.task ?? callback ?? bodyHere()?.task ?? rootHolder
}

/** Whether the code that is running works on this context without having entered it. */
export function isWorkedOn(context: SharedValues): boolean {
  return ownHolder()._context === context
}

/** Run an entry as code of neither a step nor a callback, in the middle of one: the first step of another task. */
export function runApart(entry: Entry): void {
  const outerStep = step
  const outerCallback = callback
  const outerEntered = entered
  step = callback = entered = null
  try {
    entry._run()
  } finally {
    step = outerStep
    callback = outerCallback
    entered = outerEntered
  }
}

/** Whether `context`, which was just chosen for work that begins here, is the one that is entered here. */
export function isEnteredHere(context: PlatformContext): boolean {
  return step === null && callback === null && slotHere() === undefined && context !== emptyContext
}

/** The loop of the code that is running, null outside any. */
export function loopHere(): Scheduler | null {
  return runningScheduler() ?? taskHere()?._loop ?? null
}

/**
 * The async context for what is scheduled here. Steps and callbacks share the one they run in; async code may have
 * entered one of its own, which is captured.
 */
export function platformHere(loop: Scheduler, forAsync = false): PlatformContext | null {
  if (!loop._keepsAsyncContext) return emptyContext
  if (step !== null && !step.isInline) return step._platform
  if (callback !== null) return callback._platform
  return forAsync ? captureContext() : captureForeignContext()
}
