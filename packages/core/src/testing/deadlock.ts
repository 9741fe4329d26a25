/** What is said of a deadlock: who waits for what, where, and who waits for those in turn. */
import { captureCallGraph } from '../tasks/call-graph.ts'
import { tasksOf } from '../tasks/create-task.ts'
import type { Task } from '../tasks/task.ts'
import { awaitedBy, placeOf } from './place.ts'
import type { VirtualLoop } from './virtual-loop.ts'

/** Every task is blocked, and no timer is left that could wake one: the program would wait for ever. The message says who waits for what. */
export class DeadlockError extends Error {
  /** Tells the error apart across versions: `POLVO_DEADLOCK`. */
  readonly code = 'POLVO_DEADLOCK'

  /** The name of the class. */
  override get name(): string {
    return 'DeadlockError'
  }
}

/** The error for the tasks of a loop as they stand now. */
export function deadlockOf(loop: VirtualLoop): DeadlockError {
  const tasks = [...tasksOf(loop)]
  const count = tasks.length === 1 ? 'the only task is' : `all ${tasks.length} tasks are`
  return new DeadlockError(
    `Deadlock: ${count} blocked, and no timer is left to wake ${tasks.length === 1 ? 'it' : 'one'}.\n` +
      reportOf(tasks).join('\n'),
  )
}

/** Those that nobody else's end could help come first, and below each of them who waits for it. */
function reportOf(tasks: readonly Task[]): string[] {
  const lines: string[] = []
  const shown = new Set<Task>()
  const roots = tasks.filter((task) => !tasks.some((other) => other !== task && isAwaitedBy(other, task)))
  for (const task of [...roots, ...tasks]) {
    if (!shown.has(task)) lines.push(...describe(task, tasks, shown, '  '))
  }
  return lines
}

function describe(task: Task, tasks: readonly Task[], shown: Set<Task>, indent: string): string[] {
  shown.add(task)
  const lines = [`${indent}* ${task._describe()} waits for ${whatFor(task)}`]
  const place = placeOf(task)
  if (place !== undefined) lines.push(`${indent}    in ${place}`)
  const awaiters = tasks.filter((other) => !shown.has(other) && isAwaitedBy(task, other))
  if (awaiters.length > 0) lines.push(`${indent}  awaited by`)
  for (const awaiter of awaiters) lines.push(...describe(awaiter, tasks, shown, `${indent}    `))
  return lines
}

function isAwaitedBy(task: Task, other: Task): boolean {
  return captureCallGraph(task).awaitedBy.some(({ future }) => future === other)
}

function whatFor(task: Task): string {
  return (
    awaitedBy(task) ??
    "a promise that is not polvo's; where that is real I/O, admit it: runVirtual(main, { io: true })"
  )
}
