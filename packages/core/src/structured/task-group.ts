/**
 * Task groups: tasks that end before the block does. A group waits for all of its children; the first that fails cancels
 * the others and the body, and their errors come out together as an ExceptionGroup.
 *
 * | state    | is true                                              | takes children            | next              |
 * |----------|------------------------------------------------------|---------------------------|-------------------|
 * | new      | not entered                                          | no                        | open              |
 * | open     | the body runs                                        | yes                       | exiting, aborting |
 * | exiting  | the body has ended, children run                     | yes, from its children    | aborting, over    |
 * | aborting | children (and the body) were told to stop            | no                        | over              |
 * | over     | no child is left                                     | no                        | –                 |
 */
import { Call } from '../coroutine/call.ts'
import { isGenerator } from '../coroutine/frame.ts'
import { Future } from '../coroutine/future.ts'
import { Operation } from '../coroutine/operation.ts'
import type { Awaitable, Checked, Coroutine, Result, Startable, Suspension } from '../coroutine/types.ts'
import { type CancelledError, InvalidStateError, isCancelled, misuse } from '../errors.ts'
import { ExceptionGroup } from '../exception-group.ts'
import { brief, inspectKey } from '../host/inspect.ts'
import { LinkedList } from '../loop/linked-list.ts'
import { startTask, type TaskOptions } from '../tasks/create-task.ts'
import { Scope } from '../tasks/scope.ts'
import { type AnyFunction, isOptions } from '../tasks/target.ts'
import type { Task, TaskOwner } from '../tasks/task.ts'

/** What `taskGroup` takes beside its body. */
export interface TaskGroupOptions {
  /**
   * 'cancel' (the default): the first error cancels the rest. 'collect': the others go on, also when the body has failed, and
   * errors are collected.
   */
  onError?: 'cancel' | 'collect' | undefined
}

/** What the body of `taskGroup` is given: the handle to start children with. asyncio's `TaskGroup`, Trio's nursery. */
export class TaskGroup extends Scope implements TaskOwner {
  /** @internal */
  readonly _children = new LinkedList<Task>()
  readonly #collects: boolean
  readonly #errors: unknown[] = []
  /** Children whose end the group has not heard of yet. */
  #unfinished = 0
  #state: 'new' | 'open' | 'exiting' | 'aborting' | 'over' = 'new'
  /** It asked for its own body to be cancelled, because a child failed. */
  #hasCancelledBody = false
  #childrenGone: Future<void> | null = null

  /** @internal */
  constructor({ onError = 'cancel' }: TaskGroupOptions = {}) {
    super()
    if (onError !== 'cancel' && onError !== 'collect') {
      throw misuse(`taskGroup() takes onError 'cancel' or 'collect', and was given ${brief(onError)}.`)
    }
    this.#collects = onError === 'collect'
  }

  /**
   * Start a task as a child of the group; see `createTask`. Children may start further ones, also while the group waits.
   * @throws InvalidStateError before the group is entered, once it is aborting, and when it is over; the coroutine is closed.
   *   TypeError where the target is none.
   */
  createTask<T>(target: Startable<T>): Task<T>
  createTask<Args extends unknown[], R>(fn: (...args: Args) => R & Checked<R>, ...args: Args): Task<Result<R>>
  createTask<T>(options: TaskOptions, target: Startable<T>): Task<T>
  createTask<Args extends unknown[], R>(
    options: TaskOptions,
    fn: (...args: Args) => R & Checked<R>,
    ...args: Args
  ): Task<Result<R>>
  createTask(first: unknown, ...rest: unknown[]): Task {
    this.#refuseWhenClosed(isOptions(first) ? rest[0] : first)
    const task = startTask('group.createTask', this._loop, this, first, rest)
    this.#unfinished++
    return task
  }

  /**
   * Start a task as a child of the group, and wait until it says that it is ready: `fn` is given a function `started` before
   * its arguments, and what it passes to it is the result.
   *
   *     const port = yield* group.start(serve, app)
   *     function* serve(started: Started<number>, app: App) { …; started(port); yield* acceptAll() }
   *
   * Until then errors are thrown here, and cancelling the wait cancels the task and waits for its end; afterwards it is a
   * child like any other. A checkpoint. Trio's `nursery.start`.
   * @throws InvalidStateError where the task ends without having started, or the group takes no more children.
   */
  start<T, Args extends unknown[]>(
    fn: (started: Started<T>, ...args: Args) => unknown,
    ...args: Args
  ): Awaitable<T> {
    return new Call(this.#start, [fn, args], 'group.start', 1, this) as Awaitable<unknown> as Awaitable<T>
  }

  *#start(fn: AnyFunction, args: readonly unknown[]): Generator<Suspension, unknown> {
    this.#refuseWhenClosed(fn)
    const starting = new StartingChild(this)
    const task = startTask('group.start', this._loop, starting, fn, [starting.started, ...args])
    starting.value.child = task
    this.#unfinished++
    try {
      return yield* starting.value
    } catch (error) {
      if (isCancelled(error) && !starting.hasStarted && !task.done()) {
        task._cancelFor(this, 'the wait for its start was cancelled')
        yield* starting.gone
      }
      throw error
    }
  }

  #refuseWhenClosed(target: unknown): void {
    const isExited = this.#state === 'exiting' && this.#unfinished === 0
    if ((this.#state === 'open' || this.#state === 'exiting') && !isExited) return
    if (isGenerator(target)) target.return(undefined)
    else if (target instanceof Call || target instanceof Operation) target.close()
    const why = {
      new: 'has not been entered',
      open: 'is finished',
      exiting: 'is finished',
      aborting: 'is shutting down',
      over: 'is finished',
    }
    throw new InvalidStateError(`The task group ${why[this.#state]}, and takes no more children.`)
  }

  /** @internal */
  *_run(body: (group: TaskGroup) => unknown): Coroutine<unknown> {
    this.enter()
    this.#state = 'open'
    this._loop._groups.add(this._children)
    try {
      let value: unknown
      let cancellation: CancelledError | null = null
      try {
        value = yield this.inside(body as (...args: never[]) => unknown, this)
      } catch (error) {
        if (isCancelled(error)) cancellation = error
        else this.#errors.push(error)
        if (this.#state === 'open' && (cancellation !== null || !this.#collects)) this.#abort()
      }
      this.bodyEnded()
      if (this.#state === 'open') this.#state = 'exiting'
      while (this.#unfinished > 0) {
        try {
          yield* this.#untilChildrenGone()
        } catch (error) {
          if (!isCancelled(error)) throw error
          if (this.#isAborting()) continue
          cancellation = error
          this.#abort()
        }
      }
      return this.#conclude(value, cancellation)
    } finally {
      if (this.#unfinished > 0) this.#abort()
      else this._loop._groups.delete(this._children)
      this.#state = 'over'
      this.close()
    }
  }

  *#untilChildrenGone(): Generator<Suspension, void> {
    this.#childrenGone = new ChildrenGone(this._children)
    try {
      yield* this.#childrenGone
    } finally {
      this.#childrenGone = null
    }
  }

  /** All children are gone: errors go before a cancellation, which stays outstanding then. */
  #conclude(value: unknown, cancellation: CancelledError | null): unknown {
    const isCancelledOutside = this.requestsOutside > 0
    if (cancellation !== null && this.#errors.length === 0) throw cancellation
    if (this.#errors.length === 0) return value
    if (isCancelledOutside) this.redeliverOutside()
    throw new ExceptionGroup('unhandled errors in a task group', this.#errors)
  }

  #isAborting(): boolean {
    return this.#state === 'aborting'
  }

  #abort(): void {
    this.#state = 'aborting'
    this._children.forEach((child) => {
      child._cancelFor(this)
    })
  }

  /** @internal A child is gone whose outcome is somebody else's. */
  _childGone(): void {
    this.#unfinished--
    if (this.#unfinished === 0) this.#lastChildGone()
  }

  /** @internal */
  _childDone(child: Task): void {
    this._childGone()
    if (child.cancelled()) return
    const error = child.exception()
    if (error === null) return
    if (!this.isOpen) return this.#reportLate(child, error)
    this.#errors.push(error)
    if (this.#collects || this.#state === 'aborting' || this.#hasCancelledBody) return
    this.#abort()
    this.#hasCancelledBody = true
    this.request()
  }

  #lastChildGone(): void {
    if (!this.isOpen) this._loop._groups.delete(this._children)
    else if (this.#childrenGone !== null && !this.#childrenGone.done()) this.#childrenGone.setResult()
  }

  /** The group was ended before this child. */
  #reportLate(task: Task, exception: unknown): void {
    this._loop.callExceptionHandler({
      message: 'Exception in a child of a task group that was ended',
      exception,
      task,
    })
  }

  /** @internal */
  override _describe(): string {
    return 'a task group'
  }

  override toString(): string {
    return `<TaskGroup ${this.#state} children=${this.#unfinished} errors=${this.#errors.length}>`
  }

  [inspectKey](): string {
    return this.toString()
  }
}

/** Settles when the children of a group are gone. */
class ChildrenGone extends Future<void> {
  readonly #children: LinkedList<Task>

  constructor(children: LinkedList<Task>) {
    super()
    this.#children = children
  }

  /** @internal */
  override _members(): Iterable<Future> {
    const children: Future[] = []
    this.#children.forEach((child) => {
      children.push(child)
    })
    return children
  }
}

/** Says that a task is ready, with what its starter waits for. @throws InvalidStateError when called a second time. */
export type Started<T> = (value: T) => void

/** What a child says that it has started with. */
class StartedValue extends Future<unknown> {
  child: Future | null = null

  /** @internal */
  override _members(): Iterable<Future> {
    return this.child === null ? [] : [this.child]
  }
}

/** Answers for a child until it says that it has started; then the group does. */
class StartingChild implements TaskOwner {
  readonly value = new StartedValue()
  /** The child has ended before it started, and the starter is told. */
  readonly gone = new Future<void>()
  readonly #group: TaskGroup
  hasStarted = false
  #isCalled = false

  constructor(group: TaskGroup) {
    this.#group = group
  }

  get _children(): LinkedList<Task> {
    return this.#group._children
  }

  readonly started = (value: unknown): void => {
    if (this.#isCalled) throw new InvalidStateError('started() is called once.')
    this.#isCalled = true
    if (this.value.done()) return
    this.hasStarted = true
    this.value.setResult(value)
  }

  _childDone(child: Task): void {
    if (this.hasStarted) return this.#group._childDone(child)
    this.#group._childGone()
    // The starter may have been cancelled again while it waited for this.
    if (!this.gone.done()) this.gone.setResult()
    if (this.value.done()) return
    if (child.cancelled()) this.value.cancel()
    else this.value.setException(child.exception() ?? this.#neverStarted(child))
  }

  #neverStarted(child: Task): InvalidStateError {
    return new InvalidStateError(`${child._describe()} has ended without calling started().`)
  }
}

/**
 * Run `body` with a new task group, and wait for all children before going on. Returns what the body returns.
 *
 *     yield* taskGroup(function* (group) {
 *       group.createTask(fetchUser, id)
 *       group.createTask(fetchOrders, id)
 *     })
 *
 * When a child or the body fails, the children that are left and the body are cancelled and waited for. A child that is
 * cancelled on its own is no error. Cancelling the task that waits cancels the children. Whoever does not stop is reminded, then
 * ended; see `cancelGrace`. A checkpoint where the body suspends, or children are left when it ends.
 *
 * @throws ExceptionGroup with the errors in the order they happened, even for a single one (PEP 654); TypeError for arguments
 *   that cannot be.
 */
export function taskGroup<R>(
  body: (group: TaskGroup) => R & Checked<R>,
  options: TaskGroupOptions = {},
): Awaitable<Result<R>> {
  if (typeof body !== 'function') {
    throw misuse(`taskGroup() takes a function that is given the group, and was given ${brief(body)}.`)
  }
  const group = new TaskGroup(options)
  return new Call(group._run, [body], 'taskGroup', 1, group)
}
