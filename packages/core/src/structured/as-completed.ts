import { Call } from '../coroutine/call.ts'
import type { Future } from '../coroutine/future.ts'
import { Subscription } from '../coroutine/subscription.ts'
import type { Awaitable, Coroutine, Startable } from '../coroutine/types.ts'
import type { Waitable } from '../coroutine/waitable.ts'
import { TimeoutError } from '../errors.ts'
import { checkLimit } from '../host/checks.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { Timer } from '../loop/timer.ts'
import { LineWait, WaitLine } from '../sync/wait-line.ts'
import { ensureFuture } from '../tasks/create-task.ts'
import type { Task } from '../tasks/task.ts'

/** What `asCompleted` takes beside its targets. */
export interface AsCompletedOptions {
  /**
   * After this many milliseconds TimeoutError is thrown for each that is not done; nothing is cancelled. By default there is no
   * limit.
   */
  timeout?: number | null | undefined
}

/**
 * A future that is done, as `for await` hands it out: the very object that was given. Its type lacks `then`, because
 * TypeScript takes whatever has one for unwrapped there, though JavaScript does not unwrap it.
 */
export type Completed<F> = Omit<F, 'then' | 'catch' | 'finally'>

/** What is done, one after the other, in the order of completion; what `asCompleted` returns. */
export class Completions<T, F extends Future<T> = Future<T>>
  implements Iterable<Awaitable<T>>, AsyncIterable<Completed<F>>
{
  readonly #done: (Future<T> | null)[] = []
  /** @internal */
  readonly _line = new WaitLine()
  readonly #todo = new Map<Future<T>, Subscription<T>>()
  readonly #timer: Timer | null
  readonly #total: number
  /** How many were taken, or are waited for. */
  #claimed = 0
  /** The limit that was over, for the error. */
  #limit = 0

  /** @internal */
  constructor(targets: Iterable<Startable<T>>, { timeout = null }: AsCompletedOptions) {
    checkLimit('asCompleted({ timeout })', timeout)
    const loop = loopForWork()
    for (const target of new Set(targets)) {
      const future = ensureFuture(target) as Future<T>
      this.#todo.set(future, new Subscription(loop, future, (done) => this.#complete(done)))
    }
    this.#total = this.#todo.size
    const hasLimit = timeout !== null && this.#total > 0
    this.#timer = hasLimit ? Timer.at(loop, loop.time() + timeout, () => this.#giveUp(timeout)) : null
  }

  #complete(future: Future<T>): void {
    this.#todo.delete(future)
    this.#add(future)
    if (this.#todo.size === 0) this.#timer?.cancel()
  }

  #add(done: Future<T> | null): void {
    this.#done.push(done)
    this._line.wakeNext()
  }

  #giveUp(ms: number): void {
    this.#limit = ms
    for (const subscription of this.#todo.values()) {
      subscription.end()
      this.#add(null)
    }
    this.#todo.clear()
  }

  /**
   * Await the next one that is done, and return it: the very object that was given, where that was a task or future. A
   * checkpoint only where it waits. Cancelled: none was taken, and nothing is cancelled.
   * @throws TimeoutError for each that is not done in time.
   */
  next(): Awaitable<IteratorResult<F, undefined>> {
    return new Call(this.#nextStep, [], 'asCompleted.next', 0, this) as Awaitable<unknown> as Awaitable<
      IteratorResult<F, undefined>
    >
  }

  *#nextStep(): Coroutine<IteratorResult<Future<T>, undefined>> {
    if (this.#claimed >= this.#total) return { done: true, value: undefined }
    return { done: false, value: yield* this.#takeOne() }
  }

  /** Operations, one for each; the first gives the result of what is done first. */
  *[Symbol.iterator](): Iterator<Awaitable<T>, undefined> {
    for (let left = this.#total - this.#claimed; left > 0; left--) {
      yield new Call(this.#nextResult, [], 'asCompleted', 0, this) as Awaitable<unknown> as Awaitable<T>
    }
  }

  *#nextResult(): Coroutine<T> {
    return (yield* this.#takeOne()).result()
  }

  /** A wait that is cancelled takes none. */
  *#takeOne(): Coroutine<Future<T>> {
    this.#claimed++
    let future: Future<T> | null
    try {
      future = yield* new NextDone(this)
    } catch (error) {
      this.#claimed--
      throw error
    }
    if (future === null) throw new TimeoutError(`Not done within ${this.#limit} ms.`)
    return future
  }

  /** @internal The first that is done and was not taken yet; null where the time is over, undefined where there is none. */
  _take(): Future<T> | null | undefined {
    return this.#done.shift()
  }

  /** @internal A waiter that was woken takes nothing. */
  _passOn(): void {
    if (this.#done.length > 0) this._line.wakeNext()
  }

  /** @internal */
  get _todo(): Iterable<Future<T>> {
    return this.#todo.keys()
  }

  [Symbol.asyncIterator](): AsyncIterator<Completed<F>, undefined> {
    return {
      next: () => this.next() as PromiseLike<unknown> as Promise<IteratorResult<Completed<F>, undefined>>,
    }
  }
}

class NextDone<T> extends LineWait<Future<T> | null> {
  readonly #completions: Completions<T>

  constructor(completions: Completions<T>) {
    super(completions._line)
    this.#completions = completions
  }

  override _describe(): string {
    return 'asCompleted'
  }

  /** @internal */
  override _members(): Iterable<Waitable> {
    return this.#completions._todo
  }

  protected override _begin(): boolean {
    const done = this.#completions._take()
    if (done === undefined) return this.join()
    this._value = done
    return true
  }

  protected override _resume(): boolean {
    this.leave()
    return this._begin()
  }

  protected override _handBack(): void {
    this.leave()
    this.#completions._passOn()
  }
}

/**
 * Take several things, start those that are not started, and go through them as they are done.
 *
 *     for (const next of asCompleted(tasks)) console.log(yield* next)       // results, in the order of completion
 *     for await (const task of asCompleted(tasks)) console.log(task.result())  // the tasks themselves
 *
 * Leaving the loop cancels nothing. Throws TypeError or RangeError at once for targets or a limit that cannot be. asyncio's
 * `as_completed`.
 */
export function asCompleted<T>(
  tasks: Iterable<Task<T>>,
  options?: AsCompletedOptions,
): Completions<T, Task<T>>
export function asCompleted<T>(targets: Iterable<Startable<T>>, options?: AsCompletedOptions): Completions<T>
export function asCompleted<T>(
  targets: Iterable<Startable<T>>,
  options: AsCompletedOptions = {},
): Completions<T> {
  return new Completions(targets, options)
}
