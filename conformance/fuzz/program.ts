/** What a random program is: a tree of operations, as plain data that TypeScript and Python read alike. */

export interface Program {
  /** What it was made from. The mixed interpreter tosses its coins with it. */
  readonly seed: number
  /** What task 0 does; the other tasks are spawned by operations. */
  readonly body: Body
}

export type Body = readonly Operation[]

/**
 * Tasks, groups and timeouts have numbers, given in the order in which they stand in the program. An operation that names
 * one that was not made yet, or never is, does nothing (a `spawn` goes without the group); so a program stays a program
 * whatever is taken out of it.
 *
 * A task waits only for tasks with greater numbers than its own, which rules out that tasks wait for each other.
 */
export type Operation =
  // Waiting for nothing, and failing.
  | Op<'sleep', { times: number }>
  | Op<'sleepFor', { after: number }>
  | Op<'fail'>
  // Other tasks.
  | Op<'cancel', { task: number }>
  | Op<'cancelSelf'>
  | Op<'cancelLater', { task: number; after: number }>
  | Op<'await', { task: number }>
  | Op<'shield', { task: number }>
  | Op<'waitFor', { task: number; after: number }>
  | Op<'gather', { tasks: readonly number[]; returnExceptions: boolean }>
  | Op<'wait', { tasks: readonly number[]; returnWhen: ReturnWhen; after: number | null }>
  | Op<'asCompleted', { tasks: readonly number[]; after: number | null }>
  // What tasks share: a lock, a condition of that lock, an event, a barrier, semaphores and queues.
  | Op<'put', { queue: number }>
  | Op<'get', { queue: number }>
  | Op<'taskDone', { queue: number }>
  | Op<'join', { queue: number }>
  | Op<'shutdown', { queue: number; immediate: boolean }>
  | Op<'waitBarrier'>
  | Op<'resetBarrier'>
  | Op<'abortBarrier'>
  | Op<'waitEvent'>
  | Op<'toggleEvent'>
  | Op<'waitCondition'>
  | Op<'notify', { count: number }>
  | Op<'lock', { body: Body }>
  | Op<'semaphore', { semaphore: number; body: Body }>
  // What each task has for itself: a context variable.
  | Op<'setVar'>
  | Op<'getVar'>
  // New tasks.
  | Op<'spawn', { task: number; into: number | null; body: Body }>
  | Op<'gatherNew', { children: readonly Child[]; returnExceptions: boolean }>
  | Op<'shieldNew', { child: Child }>
  // Structure.
  | Op<'call', { body: Body }>
  | Op<'try', { body: Body; onCancel: OnCancel; handler: Body }>
  | Op<'finally', { body: Body; cleanUp: Body }>
  | Op<'group', { group: number; body: Body }>
  | Op<'timeout', { timeout: number; limit: Limit; after: number; body: Body }>
  | Op<'reschedule', { timeout: number; isOver: boolean }>

export type Kind = Operation['do']

/** The operation of one kind. */
export type OperationOf<K extends Kind> = Extract<Operation, { do: K }>

/** A coroutine that is handed over to become a task. */
export interface Child {
  readonly task: number
  readonly body: Body
}

export type ReturnWhen = 'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED'

/**
 * A timeout that has no limit; one that has none until a `reschedule` names it; one that is over when it is entered; one that is over
 * after a while, `after` in its operation.
 */
export type Limit = 'never' | 'movable' | 'over' | 'soon'

/** What a `try` does with a cancellation, after its handler has run. Any other error is swallowed at once. */
export type OnCancel = 'swallow' | 'rethrow' | 'fail'

/** `at` is the number of the operation within its program: lines of the trace refer to it. */
type Op<Do extends string, Details = unknown> = { readonly at: number; readonly do: Do } & Readonly<Details>

/** How many permits the semaphores of a program have. */
export const PERMITS = [1, 2] as const

/** How many items its queues hold; 0 is any number. The last one is a priority queue. */
export const QUEUE_SIZES = [1, 0, 2] as const

/**
 * A time from now. The clock goes on by 1 with each pass of the loop; no two timers of a program are due at the same moment, whose
 * order CPython leaves open.
 */
export function durationOf(operation: Operation & { readonly after: number }): number {
  return operation.after + operation.at / 1000
}

/** For how many its barrier waits. */
export const PARTIES = 2

/** The bodies of an operation, in the order in which they are written. */
export function bodiesOf(operation: Operation): Body[] {
  const bodies: Body[] = []
  withBodies(operation, (body) => {
    bodies.push(body)
    return body
  })
  return bodies
}

/** The operation with each of its bodies changed. */
function withBodies(operation: Operation, change: (body: Body) => Body): Operation {
  const changeChild = ({ task, body }: Child) => ({ task, body: change(body) })
  switch (operation.do) {
    case 'try':
      return { ...operation, body: change(operation.body), handler: change(operation.handler) }
    case 'finally':
      return { ...operation, body: change(operation.body), cleanUp: change(operation.cleanUp) }
    case 'gatherNew':
      return { ...operation, children: operation.children.map(changeChild) }
    case 'shieldNew':
      return { ...operation, child: changeChild(operation.child) }
    default:
      return 'body' in operation ? { ...operation, body: change(operation.body) } : operation
  }
}

/** Every operation of a body, each before the ones inside it. */
export function* operationsIn(body: Body): Generator<Operation, void> {
  for (const operation of body) {
    yield operation
    for (const inner of bodiesOf(operation)) yield* operationsIn(inner)
  }
}

/** The body with each operation replaced by any number of others; what is inside an operation comes before it. */
export function rewrite(body: Body, change: (operation: Operation) => Body): Body {
  return body.flatMap((operation) => change(withBodies(operation, (inner) => rewrite(inner, change))))
}
