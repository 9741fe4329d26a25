/**
 * Small concurrent programs on one object, with a sequential model of it: two or three tasks with up to three operations each,
 * cancelling one another being an operation. What they saw has to agree with the model, and when all are blocked, whoever waits has
 * to have a reason to.
 */
import { type Coroutine, createTask, isCancelled, sleep, type Task } from 'polvo'
import {
  checkLinearizable,
  History,
  type RecordedOperation,
  type SequentialSpec,
  settle,
} from 'polvo/testing'
import { holds } from '../scenes/scene.ts'

/** One operation of a program. `n` tells those of a kind apart: the item that is put, the task that is cancelled. */
export interface Op<Kind extends string = string> {
  readonly kind: Kind
  readonly n: number
}

export type Program = readonly (readonly Op[])[]

export interface Model<T, State> {
  readonly name: string
  /** What the operations do one after the other; it may depend on what else happened. */
  spec(operations: readonly RecordedOperation[]): SequentialSpec<State>
  /** The kinds of operations there are, but for `cancel`. */
  readonly kinds: readonly string[]
  make(): T
  /** Run an operation, and record it; the steps of compound ones are recorded one by one. */
  perform(target: T, op: Op, history: History): Coroutine
  performAsync(target: T, op: Op, history: History): Promise<void>
  /** Whether somebody who waits in the operation of this name has a reason to, now that all are blocked in the `pending` ones. */
  mayWait(target: T, name: string, pending: readonly string[]): boolean
  /** What it looks like when nobody waits and nothing is held. */
  isFree(target: T): boolean
}

/**
 * A program as a main function for explorations.
 * @param pauses whether tasks let others run between their operations, and not only where these wait
 */
export function programOf<T, State>(
  model: Model<T, State>,
  program: Program,
  spelling: 'generator' | 'async',
  pauses = false,
): () => Coroutine {
  return function* () {
    const history = new History()
    const target = model.make()
    const tasks: Task[] = []
    const cancel = ({ n }: Op) => tasks[n % tasks.length]?.cancel()
    for (const [i, ops] of program.entries()) {
      const name = 'abc'[i] as string
      const task =
        spelling === 'generator'
          ? createTask({ name }, play, model, target, ops, history, cancel, pauses)
          : createTask({ name }, playAsync, model, target, ops, history, cancel, pauses)
      tasks.push(task as Task)
    }
    yield* settle()
    const waiting = history.operations.filter(({ outcome }) => outcome === 'pending')
    const pending = waiting.map(({ name }) => name)
    for (const name of pending)
      holds(model.mayWait(target, name, pending), `${name} waits for nothing: ${target}`)
    checkLinearizable(model.spec(history.operations), history)
    for (const task of tasks) task.cancel()
    yield* settle()
    holds(
      tasks.every((task) => task.done()),
      'all tasks have ended',
    )
    holds(model.isFree(target), `${target} is free at the end`)
  }
}

function* play<T, State>(
  model: Model<T, State>,
  target: T,
  ops: readonly Op[],
  history: History,
  cancel: (op: Op) => unknown,
  pauses: boolean,
): Coroutine {
  for (const op of ops) {
    if (pauses) yield* sleep(0)
    if (op.kind === 'cancel') {
      cancel(op)
      continue
    }
    try {
      yield* model.perform(target, op, history)
    } catch (error) {
      if (isCancelled(error)) return
      if (!isRefusal(error)) throw error
    }
  }
}

async function playAsync<T, State>(
  model: Model<T, State>,
  target: T,
  ops: readonly Op[],
  history: History,
  cancel: (op: Op) => unknown,
  pauses: boolean,
): Promise<void> {
  for (const op of ops) {
    if (pauses) await sleep(0)
    if (op.kind === 'cancel') {
      cancel(op)
      continue
    }
    try {
      await model.performAsync(target, op, history)
    } catch (error) {
      if (isCancelled(error)) return
      if (!isRefusal(error)) throw error
    }
  }
}

/** Errors by which an operation says that it cannot be done; they are part of the model. */
function isRefusal(error: unknown): boolean {
  const { code } = Object(error) as { code?: string }
  return /^POLVO_(QUEUE|END_OF_CHANNEL|BROKEN_RESOURCE|CLOSED_RESOURCE)/.test(code ?? '')
}
