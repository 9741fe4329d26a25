/** Barriers, which are aborted and reset, and a condition that is waited for with a predicate: a count that goes up. */
import { Barrier, use } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import type { Op } from '../program.ts'
import type { Stage } from '../stage.ts'

export type MeetingOperation =
  | Op<'meet', { barrier: number }>
  | Op<'abortBarrier', { barrier: number }>
  | Op<'resetBarrier', { barrier: number }>
  | Op<'lookAtBarrier', { barrier: number }>
  | Op<'countUp', { count: number }>
  | Op<'waitForCount', { more: number }>
  | Op<'notifyAnyhow', { count: number }>

export const meetings: Family = {
  simple: {
    meet: 26,
    abortBarrier: 3,
    resetBarrier: 6,
    lookAtBarrier: 5,
    countUp: 8,
    waitForCount: 7,
    notifyAnyhow: 3,
  },
  neverWithLock: ['countUp', 'waitForCount'],
  waking: ['meet', 'abortBarrier', 'resetBarrier', 'countUp', 'notifyAnyhow'],
  left: (stage) => [...stage.state(Meetings).barriers.flatMap(stateOf), stage.state(Meetings).count],
}

const PARTIES = [2, 3]

class Meetings {
  readonly barriers = PARTIES.map((parties) => new Barrier(parties))
  count = 0
}

export const meetingDrafts: Drafts<MeetingOperation> = {
  meet: ({ random }) => ({ barrier: random.between(0, 1) }),
  abortBarrier: ({ random }) => ({ barrier: random.between(0, 1) }),
  resetBarrier: ({ random }) => ({ barrier: random.between(0, 1) }),
  lookAtBarrier: ({ random }) => ({ barrier: random.between(0, 1) }),
  countUp: ({ random }) => ({ count: random.between(1, 2) }),
  waitForCount: ({ random }) => ({ more: random.between(0, 2) }),
  notifyAnyhow: ({ random }) => ({ count: random.between(1, 2) }),
}

export const meetingPlays: Plays<MeetingOperation> = {
  meet: ({ stage }, { barrier }) => barrierOf(stage, barrier).wait(),
  abortBarrier: ({ stage }, { barrier }) => barrierOf(stage, barrier).abort(),
  resetBarrier: ({ stage }, { barrier }) => barrierOf(stage, barrier).reset(),
  lookAtBarrier: ({ stage }, { barrier }) => stateOf(barrierOf(stage, barrier)),
  countUp({ stage }, { count }) {
    return use(stage.condition, () => {
      stage.state(Meetings).count += count
      stage.condition.notifyAll()
    })
  },
  waitForCount({ stage }, { more }) {
    const meetings = stage.state(Meetings)
    return use(stage.condition, () => {
      const enough = meetings.count + more
      return stage.condition.waitFor(() => meetings.count >= enough)
    })
  },
  notifyAnyhow({ stage }, { count }) {
    stage.condition.notify(count)
    return []
  },
}

function barrierOf(stage: Stage, number: number): Barrier {
  return stage.state(Meetings).barriers[number]!
}

function stateOf(barrier: Barrier): unknown[] {
  return [barrier.nWaiting, barrier.broken]
}
