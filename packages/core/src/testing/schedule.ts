/**
 * A schedule in writing. At each choice the first in line runs, as in an ordinary run, but for those that are named: `3:1 7:2`
 * is, at choice 3 the second in line, and at choice 7 the third. Choices are counted from 0, and only where two or more are ready.
 */
import { misuse } from '../errors.ts'
import { show } from './arguments.ts'
import type { Choice, Choose } from './ready-line.ts'

/** A choice of another than the first in line: a preemption. */
export interface Deviation {
  readonly at: number
  readonly chosen: number
}

/** The choices of a run that were not the first in line. */
export function deviationsIn(choices: readonly Choice[]): Deviation[] {
  return choices.flatMap(({ chosen }, at) => (chosen === 0 ? [] : [{ at, chosen }]))
}

export function writeSchedule(deviations: readonly Deviation[]): string {
  return deviations.map(({ at, chosen }) => `${at}:${chosen}`).join(' ')
}

/** @throws TypeError for anything but a schedule as `writeSchedule` gives it */
export function readSchedule(schedule: string): Deviation[] {
  const isSchedule = typeof schedule === 'string' && /^(\d+:\d+( |$))*$/.test(schedule)
  if (!isSchedule) {
    throw misuse(
      `A schedule looks like '3:1 7:2', and is printed by explore(); ${show(schedule)} was given. '' is the usual order.`,
    )
  }
  const parts = schedule.split(' ').filter((part) => part !== '')
  return parts.map((part) => {
    const [at, chosen] = part.split(':').map(Number) as [number, number]
    return { at, chosen }
  })
}

/** Chooses as a schedule says, and the first in line where it says nothing, or names one that is not there. */
export function following(deviations: readonly Deviation[]): Choose {
  const chosenAt = new Map(deviations.map(({ at, chosen }) => [at, chosen]))
  let at = 0
  return (candidates) => {
    const chosen = chosenAt.get(at++) ?? 0
    return chosen < candidates.length ? chosen : 0
  }
}
