import type { Clock } from '../loop/clock.ts'

/**
 * A clock that stands still while anything runs, and jumps to the next deadline when the loop has nothing left to do: an
 * hour of sleeping takes a millisecond. Foreign promises and I/O that are ready get their turn before each jump.
 */
export class VirtualClock implements Clock {
  #now = 0

  now(): number {
    return this.#now
  }

  /** Quiet waits never make it jump; they are over when it has jumped past them for another reason. */
  wakeAt(deadline: number, keepAlive: boolean, wake: () => void): () => void {
    if (!keepAlive || deadline === Number.POSITIVE_INFINITY) return () => {}
    const jump = setImmediate(() => {
      this.#now = Math.max(this.#now, deadline)
      wake()
    })
    return () => clearImmediate(jump)
  }
}
