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

/** Until when the clean-up of a task, and of the tasks it waits for, may take; -Infinity where none has asked. */
export function cleanUpUntil(task: TaskHere): number {
  return latestDeadline(task, new Set())
}

function latestDeadline(task: object, seen: Set<object>): number {
  if (seen.has(task)) return Number.NEGATIVE_INFINITY
  seen.add(task)
  const own = [...(sections.get(task) ?? [])].map(({ deadline }) => deadline)
  const behind =
    task instanceof Waitable ? [...task._members()].map((member) => latestDeadline(member, seen)) : []
  return Math.max(...own, ...behind)
}
