import { Future } from '../coroutine/future.ts'
import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { InvalidStateError } from '../errors.ts'
import { captureForeignContext } from '../host/async-context.ts'
import type { Context } from '../loop/context.ts'
import { valuesOf } from '../loop/context-values.ts'
import { holderHere, loopHere, platformHere, taskHere } from '../loop/current.ts'
import { loopForWork } from '../loop/default-loop.ts'
import type { Scheduler } from '../loop/scheduler.ts'
import { isOptions, toWork, type Work } from './target.ts'
import { Task, type TaskOwner } from './task.ts'

/** What `createTask` takes before its target. */
export interface TaskOptions {
  /** Shown by inspection and reports; by default `Task-1`, `Task-2`, …, counted over all loops. */
  name?: string | undefined
  /**
   * Run the first step on the spot, in place of the next pass of the loop. A task that never suspends is done when
   * `createTask` returns; an async-spelled one is a microtask later at the earliest.
   */
  eager?: boolean | undefined
  /** The context variables the task works on, that very object; by default a copy of its creator's. */
  context?: Context | undefined
  /**
   * 'capture' takes over the platform's async context of this very moment, where a step of a generator coroutine has entered
   * one of its own (`storage.run(…)`). By default such tasks share their creator's, and others capture it anyway.
   */
  asyncContext?: 'capture' | undefined
}

/** @internal What `createTask`, `group.createTask` and `loop.createTask` have in common. */
export function startTask(
  taker: string,
  loop: Scheduler,
  owner: TaskOwner | null,
  first: unknown,
  rest: readonly unknown[],
): Task {
  if (isOptions(first)) return startWork(loop, owner, toWork(taker, rest[0], rest.slice(1)), first)
  return startWork(loop, owner, toWork(taker, first, rest), NO_OPTIONS)
}

const NO_OPTIONS: TaskOptions = {}

function startWork(loop: Scheduler, owner: TaskOwner | null, work: Work, options: TaskOptions): Task {
  if (loop._taskFactory === null) return newTask(loop, owner, work, options)
  return loop._taskFactory((chosen) => newTask(loop, owner, work, chosen), options) as Task
}

function newTask(loop: Scheduler, owner: TaskOwner | null, work: Work, options: TaskOptions): Task {
  const context = options.context ?? valuesOf(holderHere())
  const platform =
    options.asyncContext === 'capture' ? captureForeignContext() : platformHere(loop, work.fn !== null)
  return new Task(loop, work, owner, context, platform, options.name, options.eager === true)
}

/**
 * Start a task: the loop runs the coroutine, beginning with its next pass. Not a checkpoint.
 *
 *     const spinner = createTask(spin, 'thinking!')
 *     const named = createTask({ name: 'poller' }, poll, url, 500)
 *
 * The task runs in the loop of the code that calls, or in the default one outside any. Keep it: await it, or cancel it. A
 * failure that nobody looks at is reported; a `taskGroup` cannot forget its tasks.
 *
 * @throws TypeError where the target is none: a promise, above all, is under way already and cannot be cancelled.
 */
export function createTask<T>(target: Startable<T>): Task<T>
export function createTask<Args extends unknown[], R>(
  fn: (...args: Args) => R & Checked<R>,
  ...args: Args
): Task<Result<R>>
export function createTask<T>(options: TaskOptions, target: Startable<T>): Task<T>
export function createTask<Args extends unknown[], R>(
  options: TaskOptions,
  fn: (...args: Args) => R & Checked<R>,
  ...args: Args
): Task<Result<R>>
export function createTask(first: unknown, ...rest: unknown[]): Task {
  return startTask('createTask', loopForWork(), null, first, rest)
}

/**
 * A future or task as it is; anything else that can be awaited is started as a task, as by `createTask`. Not a checkpoint.
 * @throws TypeError where the target is none, a promise above all.
 */
export function ensureFuture<T>(target: Future<T>): Future<T>
export function ensureFuture<T>(target: Startable<T>): Task<T>
export function ensureFuture<R>(fn: () => R & Checked<R>): Task<Result<R>>
export function ensureFuture(target: unknown): Future {
  if (target instanceof Future) return target
  return startTask('ensureFuture', loopForWork(), null, target, [])
}

/**
 * The task whose code is running; null outside any, and in callbacks of the loop. A listener belongs to the async function in
 * whose async context it is called, as long as that is under way; else to no task.
 */
export function currentTask(): Task | null {
  const here = taskHere()
  return here instanceof Task ? here : null
}

/** The tasks of the running loop that are not done. @throws InvalidStateError outside any loop. */
export function allTasks(): Set<Task> {
  const loop = loopHere()
  if (loop === null) throw noRunningLoop('allTasks()')
  return tasksOf(loop)
}

/** @internal */
export function tasksOf(loop: Scheduler): Set<Task> {
  const tasks = new Set<Task>()
  for (const list of [loop._ownTasks, ...loop._groups]) {
    list.forEach((task) => {
      tasks.add(task as Task)
    })
  }
  return tasks
}

export function noRunningLoop(what: string): InvalidStateError {
  return new InvalidStateError(
    `${what} needs a running event loop: call it from code that run() or main() runs.`,
  )
}
