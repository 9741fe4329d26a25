/**
 * Failures that nobody looked at. Never lost, and never a reason to end the process: a task may be awaited late.
 *
 * A failure is noted on its loop. When the loop has nothing left to do, a warning names those that nothing waited for; all
 * that are still unobserved are watched from then on, and go to the exception handler when they are collected, or when
 * the loop ends.
 */
import { warn } from '../host/warn.ts'
import type { Scheduler } from '../loop/scheduler.ts'

export interface Failure {
  /** @internal */
  readonly _isObserved: boolean
  /** @internal */
  readonly _value: unknown
  toString(): string
}

interface Noted {
  readonly failure: Failure
  /** Nothing was waiting for it when it failed. */
  readonly isLonely: boolean
}

/** What is left of a failure that is watched, so that the watching does not keep it alive. */
interface Watched {
  readonly failure: WeakRef<Failure>
  readonly loop: WeakRef<Scheduler>
  readonly kind: string
  readonly text: string
  readonly exception: unknown
}

interface LoopFailures {
  noted: Noted[]
  readonly watched: Set<Watched>
}

const byLoop = new WeakMap<Scheduler, LoopFailures>()

const collected = new FinalizationRegistry<Watched>((watched) => {
  const loop = watched.loop.deref()
  if (loop === undefined) return
  byLoop.get(loop)?.watched.delete(watched)
  report(loop, watched)
})

export function noteFailure(loop: Scheduler, failure: Failure, isLonely: boolean): void {
  let failures = byLoop.get(loop)
  if (failures === undefined) {
    failures = { noted: [], watched: new Set() }
    byLoop.set(loop, failures)
  }
  failures.noted.push({ failure, isLonely })
}

/** Somebody looked at a failure after all. */
export function forgetFailure(failure: Failure): void {
  collected.unregister(failure)
}

/** Warn about failures that are unobserved and that nothing waited for; watch all unobserved ones from now on. */
export function watchFailures(loop: Scheduler): void {
  const failures = byLoop.get(loop)
  if (failures === undefined || failures.noted.length === 0) return
  const { noted } = failures
  failures.noted = []
  for (const { failure, isLonely } of noted) {
    if (failure._isObserved) continue
    releaseFrames(failure._value)
    const watched: Watched = {
      failure: new WeakRef(failure),
      loop: new WeakRef(loop),
      kind: failure.constructor.name,
      text: failure.toString(),
      exception: failure._value,
    }
    failures.watched.add(watched)
    collected.register(failure, watched, failure)
    if (isLonely) warn(`${watched.text}: nothing waits for it. Await it, or give it to a task group.`)
  }
}

/**
 * An error keeps the frames of its stack, and with them the very task, until the stack is first read; a watched failure
 * would never be collected.
 */
function releaseFrames(error: unknown): void {
  if (error instanceof Error) error.stack?.length
}

/** The loop ends: report the failures that are still unobserved. */
export function reportFailures(loop: Scheduler): void {
  const failures = byLoop.get(loop)
  if (failures === undefined) return
  byLoop.delete(loop)
  for (const { failure } of failures.noted) {
    if (!failure._isObserved) reportAlive(loop, failure)
  }
  for (const { failure } of failures.watched) {
    const alive = failure.deref()
    if (alive !== undefined && !alive._isObserved) reportAlive(loop, alive)
  }
}

function reportAlive(loop: Scheduler, failure: Failure): void {
  collected.unregister(failure)
  report(loop, { kind: failure.constructor.name, text: failure.toString(), exception: failure._value })
}

function report(
  loop: Scheduler,
  { kind, text, exception }: Pick<Watched, 'kind' | 'text' | 'exception'>,
): void {
  loop.callExceptionHandler({ message: `${kind} exception was never retrieved: ${text}`, exception })
}
