/**
 * Cancel, remind, end: whoever asks for a cancellation gives the body a grace period for its clean-up.
 *
 * JavaScript's `catch` catches everything, so a loop around a `catch` that only logs swallows a cancellation delivered
 * once and runs for ever. When the first grace period is over the request is delivered again, and reported; when the second
 * is over, the scope that asked is ended: the bodies of resources inside are taken away first, so that the resources are
 * closed in their place, then all that is left. So timeouts, groups and shutdowns always end.
 *
 * The timers are quiet: they neither keep the process alive nor wake a virtual clock.
 */
import type { CancelledError } from '../errors.ts'
import { emptyContext, type PlatformContext } from '../host/async-context.ts'
import type { TaskHere } from '../loop/current.ts'
import type { Linked } from '../loop/linked-list.ts'
import type { Scheduler, TimedEntry } from '../loop/scheduler.ts'
import { cleanUpUntil } from './clean-up-time.ts'

/** A task or scope that asked for its own cancellation. */
export interface Stoppable {
  /** @internal */
  readonly _loop: Scheduler
  /** @internal The task it is, or is in. */
  readonly _task: TaskHere
  /** @internal Deliver the request again, and report that it went unheard. */
  _remind(request: CancelledError, graceMs: number): void
  /** @internal Report that it is ended, so long after the reminder. */
  _reportEnd(graceMs: number): void
  /**
   * @internal End the body of the resource that was opened furthest in, and have the resource closed. Returns whether there
   * was one.
   */
  _endResource(whenClosed: () => void): boolean
  /** @internal Drop what is inside, and go on in the code that asked. */
  _end(): void
}

/**
 * The clock of one request.
 *
 * | stage    | is true                                                                    | next            |
 * |----------|----------------------------------------------------------------------------|-----------------|
 * | asked    | the request was delivered                                                  | reminded, over  |
 * | reminded | it was delivered again, and reported                                       | ending, over    |
 * | ending   | resources inside are being closed, one after another from the innermost    | over            |
 * | over     | the body has stopped, or was dropped                                       | –               |
 */
export class Grace implements TimedEntry {
  /** @internal */
  _when: number
  /** @internal */
  _prev: Linked | null = null
  /** @internal */
  _next: Linked | null = null
  readonly #stoppable: Stoppable
  readonly request: CancelledError
  #stage: 'asked' | 'reminded' | 'ending' | 'over' = 'asked'
  #ms: number

  private constructor(stoppable: Stoppable, request: CancelledError, ms: number) {
    this.#stoppable = stoppable
    this.request = request
    this.#ms = ms
    this._when = stoppable._loop.time() + ms
  }

  /** Start the clock for a request; null where the loop gives unlimited time. */
  static begin(stoppable: Stoppable, request: CancelledError): Grace | null {
    const loop = stoppable._loop
    if (loop.cancelGrace === Number.POSITIVE_INFINITY) return null
    const grace = new Grace(stoppable, request, loop.cancelGrace)
    loop._addQuietTimer(grace)
    return grace
  }

  /** The body has stopped; a second call does nothing. */
  stop(): void {
    this.#stage = 'over'
    this.stopTimer()
  }

  private stopTimer(): void {
    if (this._next !== null) this.#stoppable._loop._removeQuietTimer(this)
  }

  private runAgainAt(when: number): void {
    this._when = when
    this.#stoppable._loop._addQuietTimer(this)
  }

  /** @internal */
  get _platform(): PlatformContext | null {
    return emptyContext
  }

  /** @internal */
  _run(): void {
    const now = this.#stoppable._loop.time()
    const until = cleanUpUntil(this.#stoppable._task, this.#ms)
    if (this.#stage === 'over') return
    if (until > now) this.runAgainAt(until)
    else if (this.#stage === 'asked') this.remind(now)
    else this.end(now)
  }

  private remind(now: number): void {
    const msGone = this.#ms
    this.#ms = this.#stoppable._loop._secondGrace ?? msGone
    this.#stage = 'reminded'
    this.runAgainAt(now + this.#ms)
    this.#stoppable._remind(this.request, msGone)
  }

  /** Each resource has as long to be closed as the reminder had; the next step comes in the pass after its end. */
  private end(now: number): void {
    if (this.#stage === 'reminded') this.#stoppable._reportEnd(this.#ms)
    this.#stage = 'ending'
    if (this.#stoppable._endResource(() => this.resourceClosed())) return this.runAgainAt(now + this.#ms)
    this.#stage = 'over'
    this.#stoppable._end()
  }

  private resourceClosed(): void {
    if (this._next === null) return
    this.stopTimer()
    this.#stoppable._loop._push(this)
  }
}
