/**
 * What a program plays on, in every spelling: the objects its tasks share, the trace, and all operations that do not
 * suspend. `oracle.py` has the same in Python.
 */
import {
  Barrier,
  Condition,
  ContextVar,
  type Coroutine,
  createTask,
  currentTask,
  Event,
  ExceptionGroup,
  getRunningLoop,
  InvalidStateError,
  isCancelled,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  type Task,
  type TaskGroup,
  type Timeout,
} from 'polvo'
import {
  type Body,
  durationOf,
  type Operation,
  type OperationOf,
  PARTIES,
  PERMITS,
  QUEUE_SIZES,
} from './program.ts'

/** How often the loop goes round before the next cancellation from outside; and how many of those there are. */
export const PASSES = 12
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
  /** The time. It goes on by 1 with each pass of the loop. */
  now = 0
  readonly trace: string[] = []
  readonly tasks = new Map<number, Task<number>>()
  readonly groups = new Map<number, TaskGroup>()
  readonly timeouts = new Map<number, Timeout>()
  readonly lock = new Lock()
  readonly condition = new Condition(this.lock)
  readonly event = new Event()
  readonly semaphores = PERMITS.map((permits) => new Semaphore(permits))
  readonly queues = QUEUE_SIZES.map((size, i) =>
    i < QUEUE_SIZES.length - 1 ? new Queue<number>(size) : new PriorityQueue<number>(size),
  )
  readonly barrier = new Barrier(PARTIES)
  readonly variable = new ContextVar('variable', { default: 0 })

  // ---------------------------------------------------------------- the trace

  /** A line of the running task: `task.operation`, what happened, and a `!` for each request to cancel it. */
  note(me: number, operation: Operation, ...what: readonly unknown[]): void {
    this.#write(`${me}.${operation.at}`, operation.do, ...what, ...requestsOf(currentTask()))
  }

  /** A line about the running task itself. */
  noteTask(me: number, ...what: readonly unknown[]): void {
    this.#write(me, ...what, ...requestsOf(currentTask()))
  }

  noteOutcomes(): void {
    for (const [id, task] of this.#tasksInOrder()) this.#write(id, 'is', outcomeOf(task), ...requestsOf(task))
    const locked = [this.lock, ...this.semaphores].map((primitive) => primitive.locked())
    const sizes = this.queues.map((queue) => queue.qsize())
    this.#write('left', ...locked, this.event.isSet(), ...sizes, this.barrier.nWaiting, this.barrier.broken)
  }

  #write(...words: readonly unknown[]): void {
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

  cancelLater(me: number, operation: OperationOf<'cancelLater'>): void {
    this.note(me, operation)
    getRunningLoop().callLater(durationOf(operation), () => {
      const task = this.tasks.get(operation.task)
      if (task !== undefined) this.#write(`${me}.${operation.at}`, 'later', operation.task, task.cancel())
    })
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

  /** A cancellation from outside, so that a program comes to its end: first of the youngest task, later of all. */
  cancelFromOutside(round: number): void {
    const pending = this.#tasksInOrder().filter(([, task]) => !task.done())
    const chosen = round < LAST_ROUNDS ? pending.slice(-1) : pending
    this.#write('round', round, ...chosen.map(([id]) => id))
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

  taskDone(me: number, operation: OperationOf<'taskDone'>): void {
    try {
      this.queues[operation.queue]!.taskDone()
      this.note(me, operation)
    } catch (error) {
      this.note(me, operation, nameOf(error))
    }
  }

  shutdown(me: number, operation: OperationOf<'shutdown'>): void {
    this.queues[operation.queue]!.shutdown({ immediate: operation.immediate })
    this.note(me, operation)
  }

  setVar(me: number, operation: Operation): void {
    this.note(me, operation, this.variable.get())
    this.variable.set(operation.at)
  }

  getVar(me: number, operation: Operation): void {
    this.note(me, operation, this.variable.get())
  }

  /** Those to wait for as they complete: CPython hands out several that are done in the order of a set. */
  toComplete(me: number, ids: readonly number[]): Task<number>[] {
    const others = [...new Set(this.others(me, ids))]
    const done = others.find((task) => task.done())
    return others.filter((task) => task === done || !task.done())
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

  /** When a timeout is over. */
  deadlineOf(operation: OperationOf<'timeout'>): number | null {
    if (operation.limit === 'soon') return this.now + durationOf(operation)
    return operation.limit === 'over' ? longAgo() : null
  }

  openGroup({ group: id }: OperationOf<'group'>): (group: TaskGroup) => void {
    return (group) => this.groups.set(id, group)
  }

  openTimeout({ timeout: id }: OperationOf<'timeout'>): (timeout: Timeout) => void {
    return (timeout) => this.timeouts.set(id, timeout)
  }

  noteTimeout(me: number, operation: OperationOf<'timeout'>, what: string): void {
    this.note(me, operation, what, this.timeouts.get(operation.timeout)?.expired())
  }

  // ---------------------------------------------------------------- what awaiting came to

  noteResult(me: number, operation: Operation, result: unknown): void {
    const results = Array.isArray(result) ? result : [result]
    this.note(me, operation, ...results.map((one) => (one instanceof Error ? nameOf(one) : one)))
  }

  /** An await that failed goes on, with the error in the trace; one that was cancelled does not. */
  noteFailure(me: number, operation: Operation, error: unknown): void {
    this.note(me, operation, nameOf(error))
    if (isCancelled(error)) throw error
  }

  /** What `wait` returned: the numbers of the tasks in both sets. */
  noteSets(me: number, operation: OperationOf<'wait'>, sets: readonly Set<Task<number>>[]): void {
    const [done = [], pending = []] = sets.map((set) =>
      this.#tasksInOrder().flatMap(([id, task]) => (set.has(task) ? [id] : [])),
    )
    this.note(me, operation, ...done, '/', ...pending)
  }
}

/** How long an operation waits at most; null for any time. */
export function limitOf(operation: OperationOf<'wait' | 'asCompleted'>): number | null {
  const { after } = operation
  return after === null ? null : after === 0 ? 0 : durationOf({ ...operation, after })
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
  return error instanceof Error ? error.name : String(error)
}

function outcomeOf(task: Task<number>): unknown {
  if (!task.done()) return 'pending'
  if (task.cancelled()) return 'cancelled'
  return task.exception() === null ? task.result() : nameOf(task.exception())
}

function requestsOf(task: Task | null): string[] {
  const count = task?.cancelling() ?? 0
  return count === 0 ? [] : ['!'.repeat(count)]
}
