/** All families. A new one is added here, and to `__init__.py`. */
import type { Drafts, Family, Plays, Scene } from '../family.ts'
import { type TimerOperation, timerDrafts, timerPlays, timers } from './timers.ts'

export type FamilyOperation = TimerOperation

export const FAMILIES: readonly Family[] = [timers]

const PLAYS: Plays<FamilyOperation> = { ...timerPlays }

export const DRAFTS: Drafts<FamilyOperation> = { ...timerDrafts }

/** Carry an operation out. See `Plays` for what comes back. */
export function play(scene: Scene, operation: FamilyOperation, me: number): unknown {
  const start = PLAYS[operation.do] as (scene: Scene, operation: FamilyOperation, me: number) => unknown
  return start(scene, operation, me)
}
