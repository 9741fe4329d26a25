/** Where a loop gets its time and its wake-ups from. Tests put a virtual one in its place. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number
  /**
   * Call `wake` once `now()` has reached `deadline`, never earlier. With `keepAlive` false the wait does not keep the
   * process alive. Returns a function that calls it off.
   */
  wakeAt(deadline: number, keepAlive: boolean, wake: () => void): () => void
}

/** Node keeps a delay in 31 bits and fires at once beyond; a day is far enough, the loop then asks again. */
const LONGEST_WAIT = 24 * 60 * 60 * 1000

export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAt(deadline, keepAlive, wake) {
    const ms = Math.min(Math.max(1, Math.ceil(deadline - performance.now())), LONGEST_WAIT)
    const timer: unknown = setTimeout(wake, ms)
    if (!keepAlive) (timer as { unref?: () => void }).unref?.()
    return () => clearTimeout(timer as number)
  },
}
