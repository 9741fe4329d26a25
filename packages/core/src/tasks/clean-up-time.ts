/**
 * Sections of code that have asked for more time than the grace period, because their clean-up is known to take long. While one
 * is open in a task, nobody reminds or ends anything there, nor in the tasks that wait for it.
 */
import { Waitable } from '../coroutine/waitable.ts'
import type { TaskHere } from '../loop/current.ts'

/** A section, by the time of the loop's clock until which it may take. */
export interface CleanUpSection {
  readonly deadline: number
}

const sections = new WeakMap<object, Set<CleanUpSection>>()

export function openSection(task: TaskHere, section: CleanUpSection): void {
  const open = sections.get(task)
  if (open === undefined) sections.set(task, new Set([section]))
  else open.add(section)
}

export function closeSection(task: TaskHere, section: CleanUpSection): void {
  sections.get(task)?.delete(section)
}

/**
 * Until when the clean-up of a task, and of the tasks it waits for, may take; -Infinity where nothing is known of that.
 *
 * @param graceMs what a task gets for its own clean-up after one that it waits for has stopped, or was ended by its own clock:
 *   who waits for a stubborn task is not stubborn
 */
export function cleanUpUntil(task: TaskHere, graceMs: number): number {
  return latestDeadline(task, graceMs, new Set())
}

function latestDeadline(task: object, graceMs: number, seen: Set<object>): number {
  seen.add(task)
  let latest = Number.NEGATIVE_INFINITY
  for (const { deadline } of sections.get(task) ?? []) latest = Math.max(latest, deadline)
  if (!(task instanceof Waitable)) return latest
  for (const member of task._members()) {
    if (seen.has(member)) continue
    latest = Math.max(latest, member._stopsBy() + graceMs, latestDeadline(member, graceMs, seen))
  }
  return latest
}
