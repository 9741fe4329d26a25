/**
 * Whether what several tasks saw of an object can be explained by some order of their operations, each taking effect at once between
 * its begin and its end. The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993), with Lowe's
 * memory ("Testing for linearizability", 2017): a set of operations in the same state is looked at once.
 */
import { inspect } from 'node:util'
import { namedCall } from '../coroutine/call.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { isCancelled } from '../errors.ts'
import { taskHere } from '../loop/current.ts'
import type { Task } from '../tasks/task.ts'

/** An operation as it was seen from outside. */
export interface RecordedOperation {
  /** What it is, for the model: `put`. */
  readonly name: string
  /** What it was given. */
  readonly args: readonly unknown[]
  /** When it began and ended: any numbers that grow. The end is Infinity where it had not ended. */
  readonly began: number
  /** See `began`. */
  readonly ended: number
  /** How it ended. 'pending': it had not ended, and may have taken effect or not. 'cancelled': it must not have. */
  readonly outcome: 'returned' | 'threw' | 'cancelled' | 'pending'
  /** What it returned, or the error it threw. */
  readonly value: unknown
  /** Who did it, for the report. */
  readonly task: string
}

/** A sequential object: what its operations do when one runs after the other. */
export interface SequentialSpec<State> {
  /** The state it begins in. */
  readonly initial: State
  /**
   * What `operation` may do in `state`: the state after it where what it returned or threw is right there, undefined where it cannot
   * have ended like that now. Must not change `state`.
   */
  apply(state: State, operation: RecordedOperation): State | undefined
  /** What tells two states apart; by default their JSON. */
  key?(state: State): unknown
}

/** No order of the operations explains what they returned. */
export class NotLinearizableError extends Error {
  /** Tells the error apart across versions: `POLVO_NOT_LINEARIZABLE`. */
  readonly code = 'POLVO_NOT_LINEARIZABLE'

  /** The name of the class. */
  override get name(): string {
    return 'NotLinearizableError'
  }
}

/** Records operations for `checkLinearizable`. */
export class History {
  readonly #operations: RecordedOperation[] = []
  #time = 0

  /** What was recorded so far; operations that have not ended are pending. */
  get operations(): readonly RecordedOperation[] {
    return this.#operations
  }

  /**
   * Await `operation` and record it under a name, with its arguments: `await history.record('put', [1], queue.put(1))`. Gives what it
   * gives. A checkpoint where it is one.
   */
  record<T>(name: string, args: readonly unknown[], operation: Awaitable<T>): Awaitable<T> {
    return namedCall(`${name}(${args.map((arg) => inspect(arg)).join(', ')})`, () =>
      this.#record(name, args, operation),
    ) as Awaitable<T>
  }

  *#record<T>(name: string, args: readonly unknown[], operation: Awaitable<T>): Coroutine<T> {
    const task = (taskHere() as Task | null)?.getName() ?? 'no task'
    const began = this.#time++
    const at = this.#operations.length
    const pending = { name, args, began, ended: Number.POSITIVE_INFINITY, task, value: undefined }
    this.#operations.push({ ...pending, outcome: 'pending' })
    const end = (outcome: 'returned' | 'threw' | 'cancelled', value: unknown) => {
      this.#operations[at] = { ...pending, ended: this.#time++, outcome, value }
    }
    try {
      const value = yield* operation
      end('returned', value)
      return value
    } catch (error) {
      end(isCancelled(error) ? 'cancelled' : 'threw', error)
      throw error
    }
  }

  /** Record something that takes no time: `history.recordNow('getNowait', [], () => queue.getNowait())`. Gives what it gives. */
  recordNow<T>(name: string, args: readonly unknown[], act: () => T): T {
    const task = (taskHere() as Task | null)?.getName() ?? 'no task'
    const began = this.#time++
    const end = (outcome: 'returned' | 'threw', value: unknown) => {
      this.#operations.push({ name, args, began, ended: this.#time++, outcome, value, task })
    }
    try {
      const value = act()
      end('returned', value)
      return value
    } catch (error) {
      end('threw', error)
      throw error
    }
  }
}

/**
 * Check that operations on an object, as `History` records them, agree with a sequential model of it. A cancelled operation must not
 * have happened; one that had not ended may have. Returns the operations in an order that explains them. Not a checkpoint.
 *
 * @throws NotLinearizableError where no order does; the message has the longest beginning of one.
 */
export function checkLinearizable<State>(
  spec: SequentialSpec<State>,
  history: History | readonly RecordedOperation[],
): RecordedOperation[] {
  const all = history instanceof History ? history.operations : history
  const operations = all.filter(({ outcome }) => outcome !== 'cancelled')
  const search = new Search(spec, operations)
  const order = search.run()
  if (order !== null) return order
  throw new NotLinearizableError(
    `No order explains what ${all.length} operations returned.\n${report(all, search.longest)}`,
  )
}

class Search<State> {
  longest: readonly RecordedOperation[] = []
  readonly #spec: SequentialSpec<State>
  readonly #operations: readonly RecordedOperation[]
  readonly #seen = new Set<string>()

  constructor(spec: SequentialSpec<State>, operations: readonly RecordedOperation[]) {
    this.#spec = spec
    this.#operations = operations
  }

  run(): RecordedOperation[] | null {
    return this.#extend(this.#spec.initial, [], new Set(this.#operations))
  }

  #extend(
    state: State,
    order: readonly RecordedOperation[],
    left: ReadonlySet<RecordedOperation>,
  ): RecordedOperation[] | null {
    if (order.length > this.longest.length) this.longest = order
    if ([...left].every(({ outcome }) => outcome === 'pending')) return [...order]
    const key = `${this.#keyOf(state)} ${this.#operations.map((operation) => (left.has(operation) ? 1 : 0)).join('')}`
    if (this.#seen.has(key)) return null
    this.#seen.add(key)
    const firstEnd = Math.min(...[...left].map(({ ended }) => ended))
    for (const operation of left) {
      if (operation.began > firstEnd) continue
      const after = this.#spec.apply(state, operation)
      if (after === undefined) continue
      const rest = new Set(left)
      rest.delete(operation)
      const found = this.#extend(after, [...order, operation], rest)
      if (found !== null) return found
    }
    return null
  }

  #keyOf(state: State): unknown {
    return this.#spec.key?.(state) ?? JSON.stringify(state)
  }
}

function report(all: readonly RecordedOperation[], longest: readonly RecordedOperation[]): string {
  const explained = new Set(longest)
  const line = (operation: RecordedOperation) => {
    const { task, name, args, began, ended, outcome, value } = operation
    const what = `${name}(${args.map((arg) => inspect(arg)).join(', ')})`
    const how =
      outcome === 'returned' ? `returned ${inspect(value)}` : outcome === 'threw' ? `threw ${value}` : outcome
    return `  [${began}, ${ended}] ${task}: ${what} ${how}`
  }
  const rest = all.filter((operation) => operation.outcome !== 'cancelled' && !explained.has(operation))
  const cancelled = all.filter(({ outcome }) => outcome === 'cancelled')
  return [
    'In this order it goes well:',
    ...longest.map(line),
    'and then none of these fits:',
    ...rest.map(line),
    ...(cancelled.length === 0 ? [] : ['Cancelled, so without effect:', ...cancelled.map(line)]),
  ].join('\n')
}
