/**
 * What a program plays on, in every spelling: the objects its tasks share, the trace, and all operations that do not
 * suspend. `oracle.py` has the same in Python.
 */
import {
  BrokenResource,
  ClosedResource,
  Condition,
  type Coroutine,
  createTask,
  currentTask,
  EndOfChannel,
  Event,
  ExceptionGroup,
  Future,
  getRunningLoop,
  InvalidStateError,
  isCancelled,
  Lock,
  Queue,
  Semaphore,
  type Task,
  type TaskGroup,
  type Timeout,
} from 'polvo'
import { ALL_FAMILIES } from './families/index.ts'
import { type Body, type Operation, type OperationOf, PERMITS, type Program, QUEUE_SIZES } from './program.ts'

/** How often the loop goes round before the next cancellation from outside; and how many of those there are. */
const PASSES = 12
export const ROUNDS = 100

/** From this round on everything that is left is cancelled; before, only the youngest task. */
const LAST_ROUNDS = 40

/** The function of a task, in either spelling. */
export type TaskFunction = (id: number, body: Body) => Coroutine<number> | Promise<number>

/** The function that a scope is given to run, in either spelling. */
export type ScopeBody<S> = (scope: S) => Coroutine | Promise<void>

/** The error of user code. It knows where it came from. */
export class Boom extends Error {
  constructor(operation: Operation) {
    super(`Boom ${operation.at}`)
  }
}

export class Stage {
  readonly trace: string[] = []
  readonly tasks = new Map<number, Task<number>>()
  readonly groups = new Map<number, TaskGroup>()
  readonly timeouts = new Map<number, Timeout>()
  readonly lock = new Lock()
  readonly condition = new Condition(this.lock)
  readonly event = new Event()
  readonly semaphores = PERMITS.map((permits) => new Semaphore(permits))
  readonly queues = QUEUE_SIZES.map((size) => new Queue<number>(size))

  /** Whether an eager task is taking its first step. */
  isInFirstStep = false
  readonly #states = new Map<new () => unknown, unknown>()

  /** What a family keeps: an object of this class, the only one. */
  state<T>(kind: new () => T): T {
    const state = (this.#states.get(kind) as T | undefined) ?? new kind()
    this.#states.set(kind, state)
    return state
  }

  // ---------------------------------------------------------------- the trace

  /** A line of the running task: `task.operation`, what happened, and a `!` for each request to cancel it. */
  note(me: number, operation: Operation, ...what: readonly unknown[]): void {
    this.write(`${me}.${operation.at}`, operation.do, ...what, ...requestsOf(currentTask()), ...moment())
  }

  /** A line about the running task itself. */
  noteTask(me: number, ...what: readonly unknown[]): void {
    this.write(me, ...what, ...requestsOf(currentTask()), ...moment())
  }

  noteOutcomes(): void {
    for (const [id, task] of this.#tasksInOrder()) this.write(id, 'is', outcomeOf(task), ...requestsOf(task))
    const locked = [this.lock, ...this.semaphores].map((primitive) => primitive.locked())
    const sizes = this.queues.map((queue) => queue.qsize())
    this.write('left', ...locked, this.event.isSet(), ...sizes)
    for (const { left } of ALL_FAMILIES) if (left !== undefined) this.write('left', ...left(this))
  }

  write(...words: readonly unknown[]): void {
    this.trace.push(words.join(' '))
  }

  // ---------------------------------------------------------------- tasks

  /** A task enters itself as well: one that `gather` or `shield` has made is known to nobody else. */
  enter(id: number): void {
    this.tasks.set(id, currentTask() as Task<number>)
  }

  spawn(me: number, operation: OperationOf<'spawn'>, fn: TaskFunction): void {
    const { task: id, into, body } = operation
    const owner = into === null ? undefined : this.groups.get(into)
    try {
      this.tasks.set(id, owner === undefined ? createTask(fn, id, body) : owner.createTask(fn, id, body))
      this.note(me, operation, id)
    } catch (error) {
      this.note(me, operation, nameOf(error))
    }
  }

  cancel(me: number, operation: OperationOf<'cancel'>): void {
    const task = this.tasks.get(operation.task)
    if (task !== undefined) this.note(me, operation, operation.task, task.cancel())
  }

  cancelSelf(me: number, operation: Operation): void {
    currentTask()?.cancel()
    this.note(me, operation)
  }

  /** The task to wait for; undefined where there is none, or it might be waiting for this one. */
  other(me: number, id: number): Task<number> | undefined {
    return id > me ? this.tasks.get(id) : undefined
  }

  others(me: number, ids: readonly number[]): Task<number>[] {
    return ids.map((id) => this.other(me, id)).filter((task) => task !== undefined)
  }

  allDone(): boolean {
    return [...this.tasks.values()].every((task) => task.done())
  }

  /** The waits between two cancellations from outside: how long each is, in milliseconds. 0 is one pass of the loop. */
  waitsOf({ pace }: Program, round: number): number[] {
    const ms = pace[round % pace.length]!
    return ms === 0 ? Array.from({ length: PASSES }, () => 0) : [ms]
  }

  /** A cancellation from outside, so that a program comes to its end: first of the youngest task, later of all. */
  cancelFromOutside(round: number): void {
    const pending = this.#tasksInOrder().filter(([, task]) => !task.done())
    const chosen = round < LAST_ROUNDS ? pending.slice(-1) : pending
    this.write('round', round, ...chosen.map(([id]) => id))
    for (const [, task] of chosen) task.cancel()
  }

  #tasksInOrder(): [number, Task<number>][] {
    return [...this.tasks].sort(([a], [b]) => a - b)
  }

  // ---------------------------------------------------------------- the rest of what does not suspend

  toggleEvent(me: number, operation: Operation): void {
    if (this.event.isSet()) this.event.clear()
    else this.event.set()
    this.note(me, operation, this.event.isSet())
  }

  reschedule(me: number, operation: OperationOf<'reschedule'>): void {
    const timeout = this.timeouts.get(operation.timeout)
    if (timeout === undefined) return
    try {
      timeout.reschedule(operation.isOver ? longAgo() : null)
      this.note(me, operation)
    } catch (error) {
      this.note(me, operation, nameOf(error))
    }
  }

  openGroup({ group: id }: OperationOf<'group'>): (group: TaskGroup) => void {
    return (group) => this.groups.set(id, group)
  }

  openTimeout(id: number): (timeout: Timeout) => void {
    return (timeout) => this.timeouts.set(id, timeout)
  }

  noteTimeout(me: number, operation: OperationOf<'timeout'>, what: string): void {
    this.note(me, operation, what, this.timeouts.get(operation.timeout)?.expired())
  }

  // ---------------------------------------------------------------- what awaiting came to

  noteResult(me: number, operation: Operation, result: unknown): void {
    this.note(me, operation, ...this.#wordsOf(result))
  }

  #wordsOf(result: unknown): unknown[] {
    if (result === undefined) return []
    if (Array.isArray(result)) return result.flatMap((one) => this.#wordsOf(one))
    if (result instanceof Set) return [...this.#idsOf(result), '/']
    if (result instanceof Future) return this.#idsOf(new Set([result as Task<number>]))
    if (isIteratorResult(result)) return result.done ? ['end'] : this.#wordsOf(result.value)
    return [result instanceof Error ? nameOf(result) : result]
  }

  /** An await that failed goes on, with the error in the trace; one that was cancelled does not. */
  noteFailure(me: number, operation: Operation, error: unknown): void {
    this.note(me, operation, nameOf(error))
    if (isCancelled(error)) throw error
  }

  #idsOf(tasks: Set<Task<number>>): number[] {
    return this.#tasksInOrder().flatMap(([id, task]) => (tasks.has(task) ? [id] : []))
  }
}

function isIteratorResult(result: unknown): result is IteratorResult<unknown> {
  return typeof result === 'object' && result !== null && 'done' in result
}

/** A deadline that is over. */
export function longAgo(): number {
  return getRunningLoop().time() - 1000
}

/** What errors are called in a trace: the same in both languages. The order within a group is not compared. */
export function nameOf(error: unknown): string {
  if (error instanceof ExceptionGroup) return `[${error.errors.map(nameOf).sort().join(', ')}]`
  if (error instanceof Boom) return error.message
  if (error instanceof InvalidStateError) return 'RuntimeError'
  if (error instanceof RangeError) return 'ValueError'
  if (isOfChannel(error)) return 'QueueShutDown'
  return error instanceof Error ? error.name : String(error)
}

function isOfChannel(error: unknown): boolean {
  return error instanceof EndOfChannel || error instanceof ClosedResource || error instanceof BrokenResource
}

function outcomeOf(task: Task<number>): unknown {
  if (!task.done()) return 'pending'
  if (task.cancelled()) return 'cancelled'
  return task.exception() === null ? task.result() : nameOf(task.exception())
}

/** How late it is, on the clock of the program. */
function moment(): string[] {
  const now = getRunningLoop().time()
  return now === 0 ? [] : [`@${now}`]
}

function requestsOf(task: Task | null): string[] {
  const count = task?.cancelling() ?? 0
  return count === 0 ? [] : ['!'.repeat(count)]
}
