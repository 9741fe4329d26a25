import { warnAboutAbandoned } from '../coroutine/abandoned.ts'
import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { noteOutsiders, reportUnclaimed } from '../coroutine/unclaimed.ts'
import { reportFailures } from '../coroutine/unobserved.ts'
import { InvalidStateError } from '../errors.ts'
import { Context } from '../loop/context.ts'
import { bodyHere, currentStep } from '../loop/current.ts'
import { defaultLoop } from '../loop/default-loop.ts'
import { runningScheduler } from '../loop/scheduler.ts'
import { startTask, tasksOf } from './create-task.ts'
import { EventLoop } from './event-loop.ts'
import type { Task } from './task.ts'

/** What a Runner, `run()` and `main()` take. */
export interface RunnerOptions {
  /**
   * How long a cancelled body may take for its clean-up before it is told again, and after as long again ended; by default
   * 10,000 ms. Infinity waits for ever.
   */
  cancelGrace?: number | undefined
  /** false: tasks do not take the platform's async context (AsyncLocalStorage) of their creator along. By default they do. */
  asyncContext?: boolean | undefined
  /** Debug mode, see `EventLoop.setDebug`; by default where the environment variable POLVO_DEBUG is set to 1. */
  debug?: boolean | undefined
  /** @internal A loop to run on, in place of an ordinary one. */
  loop?: EventLoop | undefined
}

/** What `run()` takes. */
export interface RunOptions extends RunnerOptions {
  /**
   * Cancels the main task when it is aborted: the CancelledError that `run()` throws then has the signal's reason as its
   * `reason`.
   */
  signal?: AbortSignal | undefined
}

interface RunCallOptions {
  /** The context variables of the main task; by default those of the runner, which one run hands on to the next. */
  context?: Context | undefined
  signal?: AbortSignal | undefined
}

/**
 * Runs one main function after another on the same loop, in the same context, until it is closed. `run()` is a runner for one.
 * asyncio's `Runner`.
 */
export class Runner {
  readonly #loop: EventLoop
  readonly #context = new Context()
  #state: 'idle' | 'running' | 'closed' = 'idle'

  constructor(options: RunnerOptions = {}) {
    const { cancelGrace, asyncContext, debug = isDebugAsked(), loop = new EventLoop() } = options
    this.#loop = loop
    this.#loop.setDebug(debug)
    if (cancelGrace !== undefined) this.#loop.cancelGrace = cancelGrace
    if (asyncContext !== undefined) this.#loop._keepsAsyncContext = asyncContext
  }

  /** Its loop, to be configured before the first run. */
  getLoop(): EventLoop {
    return this.#loop
  }

  /**
   * Run a main function, or coroutine, and return its result, or throw its error. Tasks it leaves behind stay on the loop,
   * which stands still until the next run; `close()` ends them.
   *
   * @throws InvalidStateError in code that a loop is running, during another run of this runner, and once it is closed.
   */
  run<T>(target: Startable<T>, options?: RunCallOptions): Promise<T>
  run<R>(fn: () => R & Checked<R>, options?: RunCallOptions): Promise<Result<R>>
  async run(target: unknown, { context = this.#context, signal }: RunCallOptions = {}): Promise<unknown> {
    if (isInsideTask()) {
      throw new InvalidStateError('run() was called inside a task. Await the coroutine, or use createTask().')
    }
    if (this.#state === 'closed') throw new InvalidStateError('The runner is closed; make a new one.')
    if (this.#state === 'running') throw new InvalidStateError('The runner is running something already.')
    noteOutsiders(defaultLoop)
    const main = startTask('run', this.#loop, null, { context }, [target])
    const stopListening = cancelOn(signal, main)
    this.#state = 'running'
    await this.#loop._runUntilDone([main])
    this.#state = 'idle'
    stopListening()
    if (!main.done()) throw new InvalidStateError('The event loop was stopped before the main task was done.')
    return main.result()
  }

  /**
   * Cancel the tasks that are left, wait for their clean-up, shut the default executor down, report what failed and what was
   * created and never awaited. A second call does nothing, and does not wait for the first.
   * @throws InvalidStateError during a run.
   */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    if (this.#state === 'running')
      throw new InvalidStateError('The runner is still running; await its run first.')
    this.#state = 'closed'
    for (let left = tasksOf(this.#loop); left.size > 0; left = tasksOf(this.#loop)) {
      for (const task of left) task.cancel('the run is over')
      await this.#loop._runUntilDone([...left])
      for (const task of left) this.#reportLeftover(task)
    }
    await this.#shutdownExecutor()
    reportUnclaimed(this.#loop)
    reportFailures(this.#loop)
    warnAboutAbandoned(this.#loop)
    this.#loop.setDebug(false)
    this.#loop.close()
  }

  async #shutdownExecutor(): Promise<void> {
    if (this.#loop.getDefaultExecutor() === null) return
    const shutdown = startTask('close', this.#loop, null, { name: 'shutdown of the default executor' }, [
      () => this.#loop.shutdownDefaultExecutor(),
    ])
    await this.#loop._runUntilDone([shutdown])
    this.#reportLeftover(shutdown)
  }

  #reportLeftover(task: Task): void {
    if (task.cancelled()) return
    const exception = task.exception()
    if (exception === null) return
    this.#loop.callExceptionHandler({
      message: 'Unhandled exception of a task at the end of the run',
      exception,
      task,
    })
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Run a main function, or coroutine, on a loop of its own, and return its result: the way from ordinary code into polvo.
 *
 *     const answer = await run(function* () { return yield* slow() })
 *     const answer = await run(async () => await slow())
 *
 * When it ends, tasks it left behind are cancelled and waited for, and their errors reported. Any number of runs may be
 * under way at once. For a program's entry, `main()` of 'polvo/node' adds signals and exit codes.
 *
 * @throws what the main function throws; InvalidStateError in code that a loop is running, TypeError where the target is none.
 */
export function run<T>(target: Startable<T>, options?: RunOptions): Promise<T>
export function run<R>(fn: () => R & Checked<R>, options?: RunOptions): Promise<Result<R>>
export async function run(target: unknown, { signal, ...options }: RunOptions = {}): Promise<unknown> {
  const runner = new Runner(options)
  try {
    return await runner.run(target as Startable<unknown>, { signal })
  } finally {
    await runner.close()
  }
}

function isDebugAsked(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return process?.env?.POLVO_DEBUG === '1'
}

function isInsideTask(): boolean {
  if (currentStep() !== null) return true
  const task = bodyHere()?.task
  return task !== undefined && (runningScheduler() === task._loop || task._loop._isPausedFor(task))
}

function cancelOn(signal: AbortSignal | undefined, task: Task): () => void {
  if (signal === undefined) return () => {}
  const cancel = () => task.cancel(signal.reason)
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  return () => signal.removeEventListener('abort', cancel)
}
