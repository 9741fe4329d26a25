/**
 * The timers of a loop together with the one wake-up that the host owes it for them.
 *
 * While the loop is busy it looks for due timers itself, at the start of each pass, so the alarm is only set when it goes
 * idle (`set`) or when a timer is added or removed while it is idle.
 */
import type { Clock } from './clock.ts'
import { type TimerEntry, Timers } from './timers.ts'

export class Alarm<T extends TimerEntry> {
  readonly #timers = new Timers<T>()
  readonly #clock: Clock
  readonly #keepAlive: boolean
  readonly #ring: () => void
  #deadline = Number.POSITIVE_INFINITY
  #callOff: (() => void) | null = null

  /** `ring` is called when a timer is due; `keepAlive` says whether waiting for it keeps the process alive. */
  constructor(clock: Clock, keepAlive: boolean, ring: () => void) {
    this.#clock = clock
    this.#keepAlive = keepAlive
    this.#ring = () => {
      this.clear()
      ring()
    }
  }

  get size(): number {
    return this.#timers.size
  }

  add(timer: T, idle: boolean): void {
    this.#timers.add(timer)
    if (idle && timer._when < this.#deadline) this.set()
  }

  remove(timer: T): void {
    this.#timers.remove(timer)
    if (this.#timers.size === 0) this.clear()
  }

  takeDue(take: (timer: T) => void): void {
    if (this.#timers.size > 0) this.#timers.takeDue(this.#clock.now(), take)
  }

  /** Ask the host to wake the loop for the earliest timer. */
  set(): void {
    if (this.#timers.size === 0) return this.clear()
    const deadline = this.#timers.nextDeadline()
    if (this.#callOff !== null) {
      if (deadline === this.#deadline) return
      this.#callOff()
    }
    this.#deadline = deadline
    this.#callOff = this.#clock.wakeAt(deadline, this.#keepAlive, this.#ring)
  }

  /** Ask the host for nothing: the loop stands still, or there are no timers. */
  clear(): void {
    this.#callOff?.()
    this.#callOff = null
    this.#deadline = Number.POSITIVE_INFINITY
  }
}
