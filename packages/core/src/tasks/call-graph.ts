/**
 * Who awaits whom, and where: the call stack of a task, and the tasks that wait for it, and for those, as a tree. Modelled on
 * asyncio's `capture_call_graph` of Python 3.14.
 *
 * It is drawn from what tasks wait for at this moment; gathers, groups, shields and `wait()` say which futures stand behind
 * what their caller awaits. Lines come from the debugger protocol: it costs milliseconds, and is for inspection.
 */
import { Body } from '../coroutine/body.ts'
import { Strand } from '../coroutine/driver.ts'
import { Future } from '../coroutine/future.ts'
import type { Waitable } from '../coroutine/waitable.ts'
import { InvalidStateError, misuse } from '../errors.ts'
import { isOwnPlace } from '../host/copy.ts'
import { brief } from '../host/inspect.ts'
import { locate } from '../host/source-location.ts'
import { loopHere, taskHere } from '../loop/current.ts'
import { tasksOf } from './create-task.ts'
import { waitsOf } from './inspect-task.ts'
import { Task } from './task.ts'

/** A suspended coroutine on a call stack. */
export interface CallGraphFrame {
  /** The name of its function. */
  readonly name: string
  /** Relative to the working directory where it is below that; undefined where it is not known. */
  readonly file: string | undefined
  /** Where it is suspended, counted from 1; for an async function where it begins. */
  readonly line: number | undefined
}

/** Who awaits whom, as seen from one future: what `captureCallGraph` returns. */
export interface CallGraph {
  /** The task or future that this is about. */
  readonly future: Future<unknown>
  /** Its coroutines, the innermost first; empty for a future that is no task, or is done. */
  readonly callStack: readonly CallGraphFrame[]
  /** The tasks that wait for it now. */
  readonly awaitedBy: readonly CallGraph[]
}

/**
 * The call graph of a task or future; by default of the current task. Not a checkpoint. Costs milliseconds: it is for
 * inspection.
 * @throws InvalidStateError outside any task where no future is given, TypeError for anything but a future.
 */
export function captureCallGraph(future: Future<unknown> | null = taskHere() as Task | null): CallGraph {
  if (future === null)
    throw new InvalidStateError('captureCallGraph() outside a task needs to be told of which one.')
  if (!(future instanceof Future)) {
    throw misuse(`captureCallGraph() takes a task or future, and was given ${brief(future)}.`)
  }
  const loop = future instanceof Task ? future._loop : loopHere()
  const tasks = loop === null ? [] : [...tasksOf(loop)]
  return draw(future, tasks, new Set())
}

/** `seen` breaks cycles: tasks that wait for each other. */
function draw(future: Future, tasks: readonly Task[], seen: ReadonlySet<Future>): CallGraph {
  const path = new Set([...seen, future])
  const awaiters = tasks.filter((task) => !path.has(task) && waitsFor(task, future))
  return {
    future,
    callStack: future instanceof Task ? stackOf(future) : [],
    awaitedBy: awaiters.map((task) => draw(task, tasks, path)),
  }
}

function waitsFor(task: Task, future: Future): boolean {
  const { _runner } = task
  return _runner !== null && waitsOf(_runner).some((waitable) => isOrHides(waitable, future))
}

/** Whether what is awaited is the future, or something like a gather behind which it stands. */
function isOrHides(waitable: Waitable, future: Future): boolean {
  if (waitable === future) return true
  if (waitable instanceof Task) return false
  return [...waitable._members()].some((member) => isOrHides(member, future))
}

/** The suspended coroutines of a task that are not the library's, the innermost first. Costs milliseconds. */
export function stackOf(task: Task): CallGraphFrame[] {
  if (task._runner === null) return []
  return codeOf(task._runner).flatMap((code) => {
    const place = locate(code)
    if (place === undefined || isOwnPlace(place.url ?? '')) return []
    const { name, file, line } = place
    return [{ name, file, line }]
  })
}

/** The coroutines and async functions of a strand or body, the innermost first. */
function codeOf(runner: Strand | Body): object[] {
  if (runner instanceof Body) {
    const inner = runner.leaves.flatMap(({ strand }) => (strand instanceof Strand ? codeOf(strand) : []))
    return runner.fn === null ? inner : [...inner, runner.fn]
  }
  const inside = runner.innerBody === null ? [] : codeOf(runner.innerBody)
  return [...inside, ...runner.generators]
}

/** The call graph as text, one line for each coroutine. Throws as `captureCallGraph`. */
export function formatCallGraph(future?: Future<unknown> | null): string {
  return format(captureCallGraph(future ?? undefined), '').join('\n')
}

/** Print the call graph to stderr. Throws as `captureCallGraph`. */
export function printCallGraph(future?: Future<unknown> | null): void {
  console.error(formatCallGraph(future))
}

function format({ future, callStack, awaitedBy }: CallGraph, indent: string): string[] {
  const lines = [`${indent}* ${future._brief()}`]
  if (callStack.length > 0) {
    lines.push(`${indent}  + Call stack:`)
    for (const { name, file, line } of callStack) {
      lines.push(`${indent}  |   ${name}()${file === undefined ? '' : ` at ${file}:${line}`}`)
    }
  }
  if (awaitedBy.length > 0) {
    lines.push(`${indent}  + Awaited by:`)
    for (const awaiter of awaitedBy) lines.push(...format(awaiter, `${indent}    `))
  }
  return lines
}
