import { emptyContext, type PlatformContext } from '../host/async-context.ts'
import { isLinked, type Linked } from './linked-list.ts'
import type { Scheduler, TimedEntry } from './scheduler.ts'

/** A timer of the library's own: `fire()` is called in a pass of the loop, in no context, and must not throw. */
export class Timer implements TimedEntry {
  /** @internal */
  readonly _when: number
  /** @internal */
  _prev: Linked | null = null
  /** @internal */
  _next: Linked | null = null
  readonly #loop: Scheduler
  #fire: (() => void) | null

  private constructor(loop: Scheduler, deadline: number, fire: () => void) {
    this._when = deadline
    this.#loop = loop
    this.#fire = fire
  }

  /** Fire once the deadline has come; the earliest is the end of the next pass. */
  static at(loop: Scheduler, deadline: number, fire: () => void): Timer {
    const timer = new Timer(loop, deadline, fire)
    loop._addTimer(timer)
    return timer
  }

  /** Fire in the next pass, in line with what is scheduled now. */
  static soon(loop: Scheduler, fire: () => void): Timer {
    const timer = new Timer(loop, Number.NEGATIVE_INFINITY, fire)
    loop._push(timer)
    return timer
  }

  /** Call it off; nothing happens when it fired, or a second time. */
  cancel(): void {
    this.#fire = null
    if (isLinked(this)) this.#loop._removeTimer(this)
  }

  /** @internal */
  get _platform(): PlatformContext | null {
    return emptyContext
  }

  /** @internal */
  _run(): void {
    this.#fire?.()
  }
}
