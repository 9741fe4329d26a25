import { isGeneratorFunction } from '../coroutine/frame.ts'
import { Future } from '../coroutine/future.ts'
import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { watchUnclaimed } from '../coroutine/unclaimed.ts'
import { watchFailures } from '../coroutine/unobserved.ts'
import type { Waiter } from '../coroutine/waitable.ts'
import { InvalidStateError, misuse, outOfRange } from '../errors.ts'
import { emptyContext } from '../host/async-context.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import type { Context } from '../loop/context.ts'
import { valuesOf } from '../loop/context-values.ts'
import { holderHere, loopHere, platformHere } from '../loop/current.ts'
import { provideDefaultLoop } from '../loop/default-loop.ts'
import type { ExceptionContext } from '../loop/exception-handler.ts'
import { type Callback, Handle, TimerHandle } from '../loop/handle.ts'
import { type Entry, runningScheduler, Scheduler } from '../loop/scheduler.ts'
import { noRunningLoop, startTask, type TaskOptions, tasksOf } from './create-task.ts'
import { checkExecutor, type Executor, noDefaultExecutor } from './executor.ts'
import { isOptions } from './target.ts'
import type { Task } from './task.ts'

/** What `callSoon`, `callLater` and `callAt` take before the callback. */
export interface CallbackOptions {
  /** The context variables the callback works on, that very object; by default a copy of those where it is scheduled. */
  context?: Context
}

/** Is told of errors that nobody is left to hear; see `setExceptionHandler`. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void

/** Makes the tasks of a loop: calls `start` with the options it likes, once, and returns its task. */
export type TaskFactory = (start: (options: TaskOptions) => Task, options: TaskOptions) => Task

/**
 * A task factory by which every task runs its first step on the spot, unless its options say otherwise; see `createTask({
 * eager: true }, …)`.
 */
export const eagerTaskFactory: TaskFactory = (start, options) => start({ eager: true, ...options })

/**
 * The event loop as asyncio knows it: callbacks, timers, futures and tasks. Programs rarely need more than `run()`. An error
 * that nobody can catch goes to its exception handler.
 */
export class EventLoop extends Scheduler {
  #exceptionHandler: ExceptionHandler | null = null
  #whenStopped: (() => void) | null = null
  #isClosed = false
  #defaultExecutor: Executor | null = null
  /** @internal Called when the loop is closed, for what is of no use without it. */
  readonly _whenClosed = new Set<() => void>()

  /**
   * Call `callback(...args)` in the next pass. Callbacks run in the order they were scheduled, once each; their errors go to
   * the exception handler.
   *
   * @throws TypeError where `callback` is no function, InvalidStateError when the loop is closed. In debug mode also for a
   *   coroutine function, and when called by code of another loop.
   */
  callSoon<Args extends unknown[]>(callback: (...args: Args) => void, ...args: Args): Handle
  callSoon<Args extends unknown[]>(
    options: CallbackOptions,
    callback: (...args: Args) => void,
    ...args: Args
  ): Handle
  callSoon(...given: unknown[]): Handle {
    const { callback, args, context } = this.#scheduled('callSoon', given)
    const handle = new Handle(this, callback, args, platformHere(this), context)
    this._push(handle)
    return handle
  }

  /**
   * Call `callback(...args)` once `ms` milliseconds have passed, never earlier. 0 or less is the next pass.
   * @throws RangeError for NaN; else as `callSoon`.
   */
  callLater<Args extends unknown[]>(ms: number, callback: (...args: Args) => void, ...args: Args): TimerHandle
  callLater<Args extends unknown[]>(
    ms: number,
    options: CallbackOptions,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle
  callLater(ms: number, ...given: unknown[]): TimerHandle {
    return this.#callAt('callLater', this.time() + checkNumber('callLater', ms), given)
  }

  /**
   * Call `callback(...args)` at `deadline`, a time of this loop's clock. Equal deadlines: in the order they were set.
   * @throws RangeError for NaN; else as `callSoon`.
   */
  callAt<Args extends unknown[]>(
    deadline: number,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle
  callAt<Args extends unknown[]>(
    deadline: number,
    options: CallbackOptions,
    callback: (...args: Args) => void,
    ...args: Args
  ): TimerHandle
  callAt(deadline: number, ...given: unknown[]): TimerHandle {
    return this.#callAt('callAt', checkNumber('callAt', deadline), given)
  }

  #callAt(taker: string, deadline: number, given: unknown[]): TimerHandle {
    const { callback, args, context } = this.#scheduled(taker, given)
    const handle = new TimerHandle(this, deadline, callback, args, platformHere(this), context)
    this._addTimer(handle)
    return handle
  }

  /** What is only looked for in debug mode. */
  #checkUse(taker: string, callback: Callback): void {
    if (isGeneratorFunction(callback) || isAsyncFunction(callback)) {
      throw misuse(`${taker}() takes a plain function; ${brief(callback)} is a coroutine. Use createTask().`)
    }
    const running = runningScheduler()
    if (running !== null && running !== this) {
      throw new InvalidStateError(`${taker}() of ${this} was called by code of ${running}.`)
    }
  }

  #scheduled(taker: string, given: unknown[]) {
    this.#checkClosed()
    const options = isOptions(given[0]) ? (given.shift() as CallbackOptions) : {}
    const [callback, ...args] = given
    if (typeof callback !== 'function') {
      throw misuse(`${taker}() takes a function and its arguments, and was given ${brief(callback)}.`)
    }
    if (this.getDebug()) this.#checkUse(taker, callback as Callback)
    return { callback: callback as Callback, args, context: options.context ?? valuesOf(holderHere()) }
  }

  // ---------------------------------------------------------------- running

  /**
   * Run until `stop()` is called. Unlike asyncio's it does not block: it returns a promise of the end.
   * @throws InvalidStateError when the loop is running or closed.
   */
  async runForever(): Promise<void> {
    this.#checkClosed()
    if (this.isRunning()) throw new InvalidStateError('The event loop is running already.')
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenStopped = resolve
    this._start()
    await promise
  }

  /**
   * Run until the target is done, and return its result, or throw its error. A target that is no future is started as a task.
   * @throws InvalidStateError when the loop is running or closed, or is stopped before the end.
   */
  runUntilComplete<T>(target: Future<T> | Startable<T>): Promise<T>
  runUntilComplete<R>(fn: () => R & Checked<R>): Promise<Result<R>>
  async runUntilComplete(target: unknown): Promise<unknown> {
    this.#checkClosed()
    const future = target instanceof Future ? target : startTask('runUntilComplete', this, null, target, [])
    await this._runUntilDone([future])
    if (!future.done()) throw new InvalidStateError('The event loop was stopped before the future was done.')
    return future.result()
  }

  /** @internal */
  async _runUntilDone(futures: readonly Future[]): Promise<void> {
    const stop = new StopWhenDone(this, futures.length)
    for (const future of futures) future._subscribe(stop)
    await this.runForever()
    for (const future of futures) future._unsubscribe(stop)
  }

  /** Stop after the running pass; before a start, the next start makes one pass. What is ready then waits for another start. */
  stop(): void {
    this._stop()
  }

  /** @internal */
  override _stopped(): void {
    this.#whenStopped?.()
    this.#whenStopped = null
  }

  /**
   * Take no more work. Tasks are not cancelled, nor is an executor shut down: `run()` and a Runner see to that. A second call
   * does nothing.
   * @throws InvalidStateError while the loop is running.
   */
  close(): void {
    if (this.isRunning()) throw new InvalidStateError('A running event loop cannot be closed; stop it first.')
    this.#isClosed = true
    for (const callback of this._whenClosed) callback()
  }

  /** Whether `close` was called. */
  isClosed(): boolean {
    return this.#isClosed
  }

  #checkClosed(): void {
    if (this.#isClosed) throw new InvalidStateError('The event loop is closed; make a new one.')
  }

  // ---------------------------------------------------------------- futures and tasks

  /** A pending future, the same as `new Future()`: futures are not bound to a loop. */
  createFuture<T = unknown>(): Future<T> {
    return new Future<T>()
  }

  /** Start a task on this loop; see `createTask`. @throws InvalidStateError when it is closed. */
  createTask<T>(target: Startable<T>): Task<T>
  createTask<Args extends unknown[], R>(fn: (...args: Args) => R & Checked<R>, ...args: Args): Task<Result<R>>
  createTask<T>(options: TaskOptions, target: Startable<T>): Task<T>
  createTask<Args extends unknown[], R>(
    options: TaskOptions,
    fn: (...args: Args) => R & Checked<R>,
    ...args: Args
  ): Task<Result<R>>
  createTask(first: unknown, ...rest: unknown[]): Task {
    this.#checkClosed()
    return startTask('createTask', this, null, first, rest)
  }

  /**
   * Have `factory` make the tasks of this loop; null goes back to the usual way. It is given `start`, which makes the task,
   * and the options it was asked for with, and returns the task.
   * @throws TypeError for anything but a function or null.
   */
  setTaskFactory(factory: TaskFactory | null): void {
    if (factory !== null && typeof factory !== 'function') {
      throw misuse(`setTaskFactory() takes a function or null, and was given ${brief(factory)}.`)
    }
    this._taskFactory = factory as EventLoop['_taskFactory']
  }

  /** The factory that was set; null where there is none. */
  getTaskFactory(): TaskFactory | null {
    return this._taskFactory as TaskFactory | null
  }

  // ---------------------------------------------------------------- executors

  /**
   * Have an executor run `fn(...args)`, and return the future of its result. null is the default executor.
   * Cancelling the future keeps waiting work from being begun; it does not stop what has begun.
   * @throws InvalidStateError when the loop is closed, or has no default executor and is asked to use it, TypeError where
   *   one of the two is something else.
   */
  runInExecutor<Args extends unknown[], R>(
    executor: Executor | null,
    fn: (...args: Args) => R,
    ...args: Args
  ): Future<Awaited<R>> {
    this.#checkClosed()
    const chosen = executor ?? this.#defaultExecutor
    if (chosen === null) throw noDefaultExecutor()
    checkExecutor('runInExecutor', chosen)
    if (typeof fn !== 'function') {
      throw misuse(`runInExecutor() takes an executor and a function, and was given ${brief(fn)}.`)
    }
    return chosen.submit(fn, ...args)
  }

  /**
   * Choose what `runInExecutor(null, …)` uses. The end of `run()` shuts it down; the one it replaces is not shut down.
   * @throws TypeError for anything without `submit` and `shutdown`.
   */
  setDefaultExecutor(executor: Executor): void {
    checkExecutor('setDefaultExecutor', executor)
    this.#defaultExecutor = executor
  }

  /** The executor that was set; null where there is none, or it was shut down. */
  getDefaultExecutor(): Executor | null {
    return this.#defaultExecutor
  }

  /** Shut the default executor down and wait for the work it has taken. A second call waits for nothing. */
  async shutdownDefaultExecutor(): Promise<void> {
    const executor = this.#defaultExecutor
    this.#defaultExecutor = null
    await executor?.shutdown()
  }

  // ---------------------------------------------------------------- reports

  /**
   * Have `handler` told of errors that nobody is left to hear, in place of printing them; null goes back to printing.
   * A handler that throws is reported by printing.
   * @throws TypeError for anything but a function or null.
   */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== 'function') {
      throw misuse(`setExceptionHandler() takes a function or null, and was given ${brief(handler)}.`)
    }
    this.#exceptionHandler = handler
  }

  /** The handler that was set; null where reports are printed. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#exceptionHandler
  }

  /** Report to the exception handler. Never throws. */
  override callExceptionHandler(context: ExceptionContext): void {
    if (this.#exceptionHandler === null) return this.defaultExceptionHandler(context)
    try {
      this.#exceptionHandler(this, context)
    } catch (exception) {
      this.defaultExceptionHandler({ message: 'Unhandled error in exception handler', exception, context })
    }
  }

  /** Print a report to stderr. */
  defaultExceptionHandler(context: ExceptionContext): void {
    super.callExceptionHandler(context)
  }

  /** @internal */
  override _passesEnded(): void {
    watchUnclaimed(this)
    watchFailures(this)
  }

  override toString(): string {
    return `<EventLoop ${this.isRunning() ? 'running' : 'stopped'} tasks=${tasksOf(this).size}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** Stops a loop, in the pass after the last of several futures has settled. */
class StopWhenDone implements Waiter, Entry {
  readonly _platform = emptyContext
  readonly #loop: EventLoop
  #missing: number

  constructor(loop: EventLoop, missing: number) {
    this.#loop = loop
    this.#missing = missing
  }

  _wake(): void {
    if (--this.#missing === 0) this.#loop._push(this)
  }

  _run(): void {
    this.#loop.stop()
  }
}

provideDefaultLoop(() => {
  const loop = new EventLoop()
  loop._start()
  return loop
})

/** A loop of its own, which runs nothing until told to. Most programs use `run()`, which makes one. */
export function newEventLoop(): EventLoop {
  return new EventLoop()
}

function isAsyncFunction(callback: Callback): boolean {
  return Object.prototype.toString.call(callback) === '[object AsyncFunction]'
}

function checkNumber(taker: string, value: number): number {
  if (typeof value !== 'number') throw misuse(`${taker}() takes milliseconds, and was given ${brief(value)}.`)
  if (Number.isNaN(value)) throw outOfRange(`${taker}() takes milliseconds, and was given NaN.`)
  return value
}

/** The loop of the code that is running. @throws InvalidStateError outside any. */
export function getRunningLoop(): EventLoop {
  const loop = loopHere()
  if (loop === null) throw noRunningLoop('getRunningLoop()')
  return loop as EventLoop
}
