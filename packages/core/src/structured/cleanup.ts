import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { misuse, outOfRange } from '../errors.ts'
import { brief } from '../host/inspect.ts'
import { type TaskHere, taskHere } from '../loop/current.ts'
import { closeSection, openSection } from '../tasks/clean-up-time.ts'

/**
 * Give a clean-up up to `ms` milliseconds, where the grace period that follows a cancellation (`cancelGrace`) is too short for
 * it: as long as it takes no longer, the task is neither reminded nor ended. Returns what the body returns.
 *
 *     try { … } finally { yield* cleanup(60_000, () => upload(rest)) }
 *
 * It shields from nothing else: a further cancellation interrupts the body. A checkpoint only where the body suspends.
 *
 * @throws RangeError unless `ms` is a number of 0 or more, TypeError where `body` is no function.
 */
export function cleanup<R>(ms: number, body: () => R & Checked<R>): Awaitable<Result<R>> {
  checkCleanUpTime('cleanup()', ms)
  if (typeof body !== 'function') {
    throw misuse(`cleanup() takes milliseconds and a function to run, and was given ${brief(body)}.`)
  }
  return new Call(runCleanUp, [ms, body], 'cleanup', 2)
}

export function checkCleanUpTime(taker: string, ms: number): void {
  if (typeof ms === 'number' && ms >= 0) return
  throw outOfRange(`${taker} takes 0 or more milliseconds, and was given ${brief(ms)}.`)
}

function* runCleanUp(ms: number, body: (...args: never[]) => unknown): Coroutine<unknown> {
  const task = taskHere() as TaskHere
  const section = { deadline: task._loop.time() + ms }
  openSection(task, section)
  try {
    return yield runInside(body)
  } finally {
    closeSection(task, section)
  }
}
