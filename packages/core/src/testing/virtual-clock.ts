import type { Clock } from '../loop/clock.ts'

interface Wake {
  readonly deadline: number
  readonly ring: () => void
}

/** A clock that stands still until it is told to jump. It knows the next deadline of its loop. */
export class VirtualClock implements Clock {
  #now = 0
  #next: Wake | null = null
  /** The next deadline that is nothing to jump to: the end of a grace period. */
  #nextQuiet: Wake | null = null
  readonly #noteWait: () => void

  /** @param noteWait called when there is a new deadline to jump to */
  constructor(noteWait: () => void = () => {}) {
    this.#noteWait = noteWait
  }

  now(): number {
    return this.#now
  }

  wakeAt(deadline: number, keepAlive: boolean, ring: () => void): () => void {
    if (deadline === Number.POSITIVE_INFINITY) return () => {}
    const wake = { deadline, ring }
    if (keepAlive) {
      this.#next = wake
      this.#noteWait()
    } else this.#nextQuiet = wake
    return () => {
      if (this.#next === wake) this.#next = null
      if (this.#nextQuiet === wake) this.#nextQuiet = null
    }
  }

  /** Go to the next deadline, and wake the loop for it. Returns whether there was one. */
  jump(): boolean {
    return this.#jumpTo(this.#next)
  }

  /** Go to the end of the next grace period. Returns whether there was one. */
  jumpQuietly(): boolean {
    return this.#jumpTo(this.#nextQuiet)
  }

  #jumpTo(wake: Wake | null): boolean {
    if (wake === null) return false
    this.#now = Math.max(this.#now, wake.deadline)
    wake.ring()
    return true
  }
}
