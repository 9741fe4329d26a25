import { availableParallelism } from 'node:os'
import type { Coroutine, Executor, Future } from 'polvo'
import { misuse, namedCall, outOfRange } from 'polvo/lowlevel'
import { Crew, type PoolStats } from './crew.ts'
import { Job } from './job.ts'
import type { CarriedContext } from './messages.ts'
import type { PoolWorker, WorkerListener, WorkerOptions } from './pool-worker.ts'
import { runJob } from './run-job.ts'
import { type AnyFunction, workOf } from './work.ts'
import { type WorkModule, workModule } from './work-module.ts'
import { WorkResults } from './work-results.ts'

export type { PoolStats } from './crew.ts'

/** What an executor is made with; all of it may be left out. */
export interface PoolOptions {
  /** How many workers there may be; by default as many as the machine runs at once. They are started on demand. */
  maxWorkers?: number | undefined
  /** How many jobs may wait for a worker; by default any number. */
  maxQueue?: number | undefined
  /**
   * How long cancelled work may go on before its worker is ended, in milliseconds; by default 1,000. Infinity: it
   * never is.
   */
  gracePeriod?: number | undefined
  /** How large the heap of one worker may grow, in megabytes; by default Node's limit. */
  memoryLimit?: number | undefined
  /** The options of Node for the workers; by default those of this process. */
  execArgv?: readonly string[] | undefined
  /** The environment variables of the workers; by default a copy of this process's. */
  env?: NodeJS.ProcessEnv | undefined
}

/** What `shutdown` takes. */
export interface ShutdownOptions {
  /** false: do not wait for the work that was taken; by default true. */
  wait?: boolean | undefined
  /** Cancel the work that has not begun; by default false. */
  cancelFutures?: boolean | undefined
}

/** What `map` takes. */
export interface MapOptions {
  /** How many items may be under way beyond the results taken; by default all. */
  bufferSize?: number | undefined
}

let crewOf: (executor: PoolExecutor) => Crew

/**
 * What ThreadPoolExecutor and ProcessPoolExecutor have in common, after concurrent.futures (PEP 3148).
 *
 * As a resource it is shut down at the end of the body: `use` cancels all its work where the body fails or is
 * cancelled, and else waits for it, as does `await using`.
 */
export abstract class PoolExecutor implements Executor {
  readonly #crew: Crew
  readonly #maxWorkers: number

  /** @internal */
  constructor(start: (options: WorkerOptions, listener: WorkerListener) => PoolWorker, options: PoolOptions) {
    const { maxWorkers = availableParallelism(), maxQueue = Infinity, gracePeriod = 1000 } = options
    const { memoryLimit = null, execArgv = null, env = null } = options
    this.#maxWorkers = checkNumber('maxWorkers', maxWorkers, 1)
    const limits = {
      maxWorkers,
      maxQueue: checkNumber('maxQueue', maxQueue, 0),
      gracePeriod: checkNumber('gracePeriod', gracePeriod, 0),
    }
    if (memoryLimit !== null) checkNumber('memoryLimit', memoryLimit, 1)
    const forWorkers = { memoryLimit, execArgv, env }
    this.#crew = new Crew(this.constructor.name, limits, (listener) => start(forWorkers, listener))
  }

  static {
    crewOf = (executor) => executor.#crew
  }

  /** How many workers there are and how many jobs wait, now. */
  get stats(): PoolStats {
    return this.#crew.stats
  }

  /**
   * Have `fn(...args)` run in a worker, and return the future of its result. Not a checkpoint.
   *
   * `fn` is a member of `pool.module()`, or a function that uses nothing from around it, since its text alone is
   * sent. Cancelling the future drops work that has not begun; work that has sees `threadSignal()` aborted, and its
   * worker is ended and replaced when it has not stopped after `gracePeriod`. The future is cancelled at once;
   * `shutdown` waits for the worker.
   *
   * @throws InvalidStateError after `shutdown`, QueueFull where `maxQueue` jobs wait, TypeError for a function that
   * cannot be sent
   */
  submit<Args extends unknown[], T>(fn: (...args: Args) => Coroutine<T>, ...args: Args): Future<T>
  submit<Args extends unknown[], R>(fn: (...args: Args) => R, ...args: Args): Future<Awaited<R>>
  submit(fn: AnyFunction, ...args: unknown[]): Future<never> {
    const job = new Job(workOf('submit()', fn), args, null)
    this.#crew.take(job)
    job.future.addDoneCallback((future) => {
      if (future.cancelled()) this.#crew.cancel(job)
    })
    return job.future as Future<never>
  }

  /**
   * Have `fn(item)` run for each item, and go through the results in the order of the items. The work is begun now,
   * so far as `bufferSize` allows. Not a checkpoint; going on to the next result is.
   *
   *     for await (const isPrime of pool.map(work.isPrime, numbers)) …
   */
  map<T, R>(fn: (item: T) => Coroutine<R>, items: Iterable<T>, options?: MapOptions): WorkResults<R>
  map<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: MapOptions): WorkResults<Awaited<R>>
  map<T>(
    fn: AnyFunction,
    items: Iterable<T>,
    { bufferSize = Infinity }: MapOptions = {},
  ): WorkResults<never> {
    const work = workOf('map()', fn)
    checkNumber('bufferSize', bufferSize, 1)
    const jobs = (function* () {
      for (const item of items) yield new Job(work, [item], null)
    })()
    return new WorkResults(this.#crew, jobs, bufferSize)
  }

  /**
   * The functions of a module, to be called in the workers:
   *
   *     const work = pool.module<typeof import('./work.ts')>(new URL('./work.ts', import.meta.url))
   *     const digest = yield* work.hash(data)
   *
   * The module is loaded by each worker when it is first needed, and keeps its state there between calls. A call is
   * lazy; it may also be given to `submit`, `map` and `toThread`. Cancelling a call waits until the work has
   * stopped, or its worker was ended.
   *
   * @throws TypeError where there is no such file
   */
  module<M>(url: URL | string): WorkModule<M> {
    return workModule<M>(url, (fn, args) => namedCall(`${fn.name}()`, runIn, this, fn, args, null))
  }

  /**
   * Take no more work, and end the workers when what was taken is done. Done at once; await what it returns to wait
   * until the last worker is gone. Cancelling the wait does not take the shutdown back. A second call waits for the
   * same.
   */
  shutdown({ wait = true, cancelFutures = false }: ShutdownOptions = {}): Future<void> {
    if (cancelFutures) this.#crew.cancelWaiting('the executor was shut down')
    this.#crew.shut()
    const gone = this.#crew.whenGone()
    if (!wait && !gone.done()) gone.setResult()
    return gone
  }

  /** `use` calls it before the body, which is given the executor. */
  enter(): this {
    return this
  }

  /** `use` calls it after the body: shut down, and cancel all work where the body failed. */
  exit(error?: unknown): Future<void> {
    if (error !== undefined) this.#crew.cancelAll('the body of its executor has failed')
    return this.shutdown()
  }

  /** For `await using`: as `shutdown()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  toString(): string {
    const { workers, idle, waiting } = this.stats
    return `<${this.constructor.name} workers=${workers} of ${this.#maxWorkers} idle=${idle} waiting=${waiting}>`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** Have work done by an executor as a part of this task; see `runJob`. */
export function* runIn(
  executor: PoolExecutor,
  fn: AnyFunction,
  args: readonly unknown[],
  context: CarriedContext | null,
): Coroutine<unknown> {
  return yield* runJob(crewOf(executor), new Job(workOf('a worker', fn), args, context))
}

/** @throws TypeError, RangeError */
function checkNumber(name: string, value: number, least: number): number {
  if (typeof value !== 'number') throw misuse(`${name} takes a number, and was given ${String(value)}.`)
  if (!(value >= least)) throw outOfRange(`${name} takes ${least} or more, and was given ${value}.`)
  return value
}
