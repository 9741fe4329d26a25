/** All families. A new one is added here, and to `__init__.py`. */
import type { Drafts, Family, Plays, Scene } from '../family.ts'
import { type ChannelOperation, channelDrafts, channelPlays, channels } from './channels.ts'
import { type CompletionOperation, completionDrafts, completionPlays, completions } from './completions.ts'
import { type ContextOperation, contextDrafts, contextPlays, contexts } from './contexts.ts'
import { type EagerOperation, eager, eagerDrafts, eagerPlays } from './eager.ts'
import { type MeetingOperation, meetingDrafts, meetingPlays, meetings } from './meetings.ts'
import { type PermitOperation, permitDrafts, permitPlays, permits } from './permits.ts'
import { type QueueOperation, queueDrafts, queuePlays, queues } from './queues.ts'
import { type TimerOperation, timerDrafts, timerPlays, timers } from './timers.ts'

export type FamilyOperation =
  | TimerOperation
  | CompletionOperation
  | ContextOperation
  | EagerOperation
  | PermitOperation
  | MeetingOperation
  | QueueOperation
  | ChannelOperation

export const FAMILIES = { timers, completions, contexts, eager, permits, meetings, queues, channels } as const
export type FamilyName = keyof typeof FAMILIES

/** All of them alike. */
export const ALL_FAMILIES: readonly Family[] = Object.values(FAMILIES)

export function isFamily(name: string): name is FamilyName {
  return name in FAMILIES
}

const PLAYS: Plays<FamilyOperation> = {
  ...timerPlays,
  ...completionPlays,
  ...contextPlays,
  ...eagerPlays,
  ...permitPlays,
  ...meetingPlays,
  ...queuePlays,
  ...channelPlays,
}

export const DRAFTS: Drafts<FamilyOperation> = {
  ...timerDrafts,
  ...completionDrafts,
  ...contextDrafts,
  ...eagerDrafts,
  ...permitDrafts,
  ...meetingDrafts,
  ...queueDrafts,
  ...channelDrafts,
}

/** Carry an operation out. See `Plays` for what comes back. */
export function play(scene: Scene, operation: FamilyOperation, me: number): unknown {
  const start = PLAYS[operation.do] as (scene: Scene, operation: FamilyOperation, me: number) => unknown
  return start(scene, operation, me)
}
