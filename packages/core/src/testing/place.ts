/** Where a suspended task is, and what it waits for, in a few words: `transfer() at bank.ts:12`, `lock.acquire()`. */
import { Operation } from '../coroutine/operation.ts'
import type { Waitable } from '../coroutine/waitable.ts'
import { creationSite } from '../host/creation-sites.ts'
import { stackOf } from '../tasks/call-graph.ts'
import { waitsOf } from '../tasks/inspect-task.ts'
import { Task } from '../tasks/task.ts'

/**
 * The function and line of the innermost coroutine that is not the library's. For an async function that is where it begins, unless
 * creation sites are recorded: then it is the line that made what it awaits. undefined where nothing is known. Costs milliseconds.
 */
export function placeOf(task: Task): string | undefined {
  const [innermost] = stackOf(task)
  const site = siteOfWait(task)
  if (innermost === undefined) return site
  const { name, file, line } = innermost
  if (site !== undefined) return `${name}() at ${site}`
  return `${name}()${file === undefined ? '' : ` at ${file}:${line}`}`
}

function siteOfWait(task: Task): string | undefined {
  const [waitable] = task._runner === null ? [] : waitsOf(task._runner)
  const site = waitable === undefined ? '' : creationSite(waitable)
  return site === '' ? undefined : site.replace(/^ at /, '')
}

/** What a task awaits; undefined where that is nothing of the library: it is ready to run, or awaits a promise. */
export function awaitedBy(task: Task): string | undefined {
  const waits = task._runner === null ? [] : waitsOf(task._runner)
  if (waits.length === 0) return undefined
  return waits.map(shown).join(', ')
}

function shown(waitable: Waitable): string {
  if (waitable instanceof Operation || waitable instanceof Task) return waitable._describe()
  const members = [...waitable._members()]
  return members.length === 0 ? waitable._brief() : members.map(shown).join(', ')
}
