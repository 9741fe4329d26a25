/** Foreign promises that somebody stopped waiting for, by loop: what they do goes on, and nobody can stop it. */
import { warn } from '../host/warn.ts'
import type { Scheduler } from '../loop/scheduler.ts'

const abandoned = new WeakMap<Scheduler, Set<PromiseLike<unknown>>>()

export function noteAbandoned(loop: Scheduler, promise: PromiseLike<unknown>): void {
  let promises = abandoned.get(loop)
  if (promises === undefined) {
    promises = new Set()
    abandoned.set(loop, promises)
  }
  promises.add(promise)
  if (loop.getDebug()) {
    loop.callExceptionHandler({
      message: 'A promise was abandoned: its awaiter was cancelled, it goes on',
      promise,
    })
  }
  const forget = () => promises.delete(promise)
  promise.then(forget, forget)
}

/** How many abandoned promises have not settled yet. */
function countAbandoned(loop: Scheduler): number {
  return abandoned.get(loop)?.size ?? 0
}

/** The loop ends: say what still goes on. */
export function warnAboutAbandoned(loop: Scheduler): void {
  const count = countAbandoned(loop)
  if (count === 0) return
  const what = count === 1 ? 'A promise that was abandoned is' : `${count} promises that were abandoned are`
  warn(`${what} still under way though the run is over. Give from() a function that passes its signal on.`)
}
