import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import { Subscription } from '../coroutine/subscription.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { isCancelled, misuse, outOfRange } from '../errors.ts'
import { brief } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { Semaphore } from '../sync/semaphore.ts'
import type { Task } from '../tasks/task.ts'
import { type Source, type Steps, type Stream, stepsOf } from './source.ts'
import { taskGroup } from './task-group.ts'

/** What `map` and `forEach` take beside the function. */
export interface ConcurrencyOptions {
  /**
   * How many calls may be under way at once: an integer of 1 or more, or Infinity. By default any number in `map`, 1 in
   * `forEach`.
   */
  concurrency?: number | undefined
}

type Step<T, R> = (item: T, index: number) => R & Checked<R>

/**
 * Call `fn` for each item of an iterable, async iterable or stream, at most `concurrency` calls at once (by default any
 * number), and return the results in the order of the items. An item is taken from the source only when a call can begin.
 *
 *     const pages = yield* map(urls, fetchPage, { concurrency: 10 })
 *
 * The calls are children of a task group: the first that fails cancels the others, and so does a source that fails, or a
 * cancellation. A checkpoint unless the source is empty.
 *
 * @throws ExceptionGroup with the errors, even for a single one; TypeError and RangeError for arguments that cannot be.
 */
export function map<T, R>(
  source: Stream<T>,
  fn: Step<T, R>,
  options?: ConcurrencyOptions,
): Awaitable<Result<R>[]>
export function map<T, R>(
  source: Source<T>,
  fn: Step<T, R>,
  options?: ConcurrencyOptions,
): Awaitable<Result<R>[]>
export function map<T, R>(
  source: Source<T>,
  fn: Step<T, R>,
  { concurrency = Number.POSITIVE_INFINITY }: ConcurrencyOptions = {},
): Awaitable<Result<R>[]> {
  checkArguments('map', fn, concurrency)
  return new Call(mapAll, [source, fn, concurrency], 'map', 2) as Awaitable<unknown> as Awaitable<Result<R>[]>
}

/**
 * Call `fn` for each item of an iterable, async iterable or stream, at most `concurrency` calls at once. By default one after
 * the other, as a loop would; this is how the generator spelling goes through a stream.
 *
 *     yield* forEach(queue, function* (item) { … })
 *
 * As by a loop, a source is closed when it is left before its end. A checkpoint where the source or a call suspends.
 *
 * @throws what `fn` and the source throw; with a concurrency above 1 as an ExceptionGroup, since several calls may fail.
 *   TypeError and RangeError for arguments that cannot be.
 */
export function forEach<T, R>(
  source: Stream<T>,
  fn: Step<T, R>,
  options?: ConcurrencyOptions,
): Awaitable<void>
export function forEach<T, R>(
  source: Source<T>,
  fn: Step<T, R>,
  options?: ConcurrencyOptions,
): Awaitable<void>
export function forEach<T, R>(
  source: Source<T>,
  fn: Step<T, R>,
  { concurrency = 1 }: ConcurrencyOptions = {},
): Awaitable<void> {
  checkArguments('forEach', fn, concurrency)
  if (concurrency === 1) return new Call(oneByOne, [source, fn], 'forEach')
  return new Call(severalAtOnce, [source, fn, 'forEach', concurrency, () => {}], 'forEach', 2)
}

type AnyStep<T> = (item: T, index: number) => unknown

/**
 * As a loop of the language does: the source is closed when the code that uses it fails, and not when it has failed itself.
 */
function* oneByOne<T>(source: Source<T>, fn: AnyStep<T>): Coroutine {
  const steps = stepsOf('forEach', source)
  for (let index = 0; ; index++) {
    const step = yield* steps.next()
    if (step.done === true) return
    let isDone = false
    try {
      yield runInside(fn, [step.value, index])
      isDone = true
    } finally {
      if (!isDone) yield* closeQuietly(steps)
    }
  }
}

/** An error in closing does not hide the one on its way. */
function* closeQuietly<T>(steps: Steps<T>): Coroutine {
  try {
    yield* steps.close()
  } catch (exception) {
    if (isCancelled(exception)) throw exception
    loopForWork().callExceptionHandler({
      message: 'Exception in closing the source of forEach() or map()',
      exception,
    })
  }
}

function* mapAll<T>(source: Source<T>, fn: AnyStep<T>, concurrency: number): Coroutine<unknown[]> {
  const tasks: Task[] = []
  yield* severalAtOnce(source, fn, 'map', concurrency, (task) => tasks.push(task))
  return tasks.map((task) => task.result())
}

/** A task for each item, as children of a group. The permit is there before the item is taken from the source. */
function* severalAtOnce<T>(
  source: Source<T>,
  fn: AnyStep<T>,
  name: string,
  concurrency: number,
  onTask: (task: Task) => void,
): Coroutine {
  const steps = stepsOf(name, source)
  const loop = loopForWork()
  const permits = concurrency === Number.POSITIVE_INFINITY ? null : new Semaphore(concurrency)
  yield* taskGroup(function* (group) {
    for (let index = 0; ; index++) {
      if (permits !== null) yield* acquireOrClose(permits, steps)
      const step = yield* steps.next()
      if (step.done === true) return
      const task: Task = group.createTask(fn, step.value, index)
      if (permits !== null) new Subscription(loop, task, () => permits.release())
      onTask(task)
    }
  })
}

function* acquireOrClose<T>(permits: Semaphore, steps: Steps<T>): Coroutine {
  let isDone = false
  try {
    yield* permits.acquire()
    isDone = true
  } finally {
    if (!isDone) yield* closeQuietly(steps)
  }
}

function checkArguments(name: string, fn: unknown, concurrency: number): void {
  if (typeof fn !== 'function') {
    throw misuse(`${name}() takes a source and a function to call for each item, and was given ${brief(fn)}.`)
  }
  const isUsable =
    concurrency === Number.POSITIVE_INFINITY || (Number.isInteger(concurrency) && concurrency >= 1)
  if (!isUsable) {
    throw outOfRange(
      `concurrency takes an integer of 1 or more, or Infinity; it was given ${brief(concurrency)}.`,
    )
  }
}
