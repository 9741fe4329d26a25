/** Everything that takes time: sleeping, time limits, and cancellations that come at some moment. */
import { getRunningLoop, sleep, timeout, timeoutAt, wait, waitFor } from 'polvo'
import type { Drafts, Family, Plays } from '../family.ts'
import { type Body, type Op, RETURN_WHEN, type ReturnWhen } from '../program.ts'

export type TimerOperation =
  | Op<'rest', { ms: number }>
  | Op<'cancelLater', { task: number; ms: number }>
  | Op<'extend', { timeout: number; ms: number }>
  | Op<'isExpired', { timeout: number }>
  | Op<'waitForTask', { task: number; ms: number }>
  | Op<'waitForSome', { tasks: readonly number[]; returnWhen: ReturnWhen; ms: number }>
  | Op<'waitForBody', { ms: number; body: Body }>
  | Op<'limit', { timeout: number; ms: number; isAbsolute: boolean; body: Body }>

export const timers: Family = {
  simple: {
    rest: 30,
    cancelLater: 12,
    extend: 6,
    isExpired: 2,
    waitForTask: 9,
    waitForSome: 6,
  },
  compound: { waitForBody: 8, limit: 14 },
  forLaterTasks: ['waitForTask', 'waitForSome'],
  needs: { extend: 'timeout', isExpired: 'timeout' },
  neverWithLock: ['waitForTask', 'waitForSome'],
}

/** Few and small, so that many timers are due at the same time, or within the same millisecond. */
const DURATIONS = [0.25, 0.75, 1, 1, 1.5, 2, 3, 3, 3.25, 8, 20]

export const timerDrafts: Drafts<TimerOperation> = {
  rest: ({ random }) => ({ ms: random.pick(DURATIONS) }),
  cancelLater: (hand, { task }) => ({ task: hand.other(task), ms: hand.random.pick(DURATIONS) }),
  extend: (hand) => ({ timeout: hand.known('timeout'), ms: hand.random.pick(DURATIONS) }),
  isExpired: (hand) => ({ timeout: hand.known('timeout') }),
  waitForTask: (hand, { task }) => ({ task: hand.later(task), ms: hand.random.pick(DURATIONS) }),
  waitForSome: (hand, { task }) => ({
    tasks: hand.severalLater(task),
    returnWhen: hand.random.pick(RETURN_WHEN),
    ms: hand.random.pick(DURATIONS),
  }),
  waitForBody: (hand, place) => ({ ms: hand.random.pick([0, ...DURATIONS]), body: hand.body(place) }),
  limit: (hand, place) => ({
    timeout: hand.fresh('timeout'),
    ms: hand.random.pick(DURATIONS),
    isAbsolute: hand.random.chance(0.5),
    body: hand.body(place),
  }),
}

export const timerPlays: Plays<TimerOperation> = {
  rest: (_, { ms }) => sleep(ms),
  cancelLater({ stage }, { task: id, ms }) {
    getRunningLoop().callLater(ms, () => {
      const task = stage.tasks.get(id)
      if (task !== undefined) stage.write('timer', id, task.cancel())
    })
    return []
  },
  extend({ stage }, { timeout: id, ms }) {
    const limit = stage.timeouts.get(id)
    if (limit === undefined) return undefined
    limit.reschedule(getRunningLoop().time() + ms)
    return []
  },
  isExpired: ({ stage }, { timeout: id }) => stage.timeouts.get(id)?.expired(),
  waitForTask({ stage }, { task, ms }, me) {
    const other = stage.other(me, task)
    return other === undefined ? undefined : waitFor(other, ms)
  },
  waitForSome({ stage }, { tasks, returnWhen, ms }, me) {
    const others = stage.others(me, tasks)
    if (others.length === 0) return undefined
    return wait(others, { returnWhen, timeout: ms })
  },
  waitForBody(scene, { ms, body }, me) {
    const inside = scene.bodyOf<void>(me, body, () => {})
    return waitFor(() => inside(), ms)
  },
  limit(scene, { timeout: id, ms, isAbsolute, body }, me) {
    const inside = scene.bodyOf(me, body, scene.stage.openTimeout(id))
    return isAbsolute ? timeoutAt(getRunningLoop().time() + ms, inside) : timeout(ms, inside)
  },
}
