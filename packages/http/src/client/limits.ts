/**
 * The timers of one exchange: one for all of it, one for the phase it is in, and one for making a connection.
 * They belong to no task.
 */
import { runDetached } from 'polvo/lowlevel'
import type { TimeoutLimit } from './errors.ts'

/** What a phase is limited by: a limit of the request, or the time for reading an unwanted body away. */
export type PhaseLimit = Exclude<TimeoutLimit, 'total' | 'socketConnect'> | 'release'

/** Who is told that a limit is over. */
export interface Limited {
  /** @internal */
  _expired(limit: TimeoutLimit | 'release'): void
}

export class Limits {
  readonly #limited: Limited
  #total: NodeJS.Timeout | null = null
  #phase: NodeJS.Timeout | null = null
  #socket: NodeJS.Timeout | null = null

  constructor(limited: Limited) {
    this.#limited = limited
  }

  get hasPhase(): boolean {
    return this.#phase !== null
  }

  /** @param deadline a time of `performance.now()`; null for none */
  begin(deadline: number | null): void {
    if (deadline !== null) this.#total = start(this.#limited, 'total', deadline - performance.now())
  }

  /** Begin a phase, in place of the one before. */
  beginPhase(limit: PhaseLimit, ms: number): void {
    this.endPhase()
    this.#phase = start(this.#limited, limit, ms)
  }

  /** Something arrived: the time of the phase begins anew. */
  refresh(): void {
    this.#phase?.refresh()
  }

  endPhase(): void {
    if (this.#phase !== null) clearTimeout(this.#phase)
    this.#phase = null
  }

  /** Begin the time for making a connection, beside the phase. */
  beginSocket(ms: number): void {
    this.#socket = start(this.#limited, 'socketConnect', ms)
  }

  endSocket(): void {
    if (this.#socket !== null) clearTimeout(this.#socket)
    this.#socket = null
  }

  end(): void {
    this.endPhase()
    this.endSocket()
    if (this.#total !== null) clearTimeout(this.#total)
    this.#total = null
  }
}

function start(limited: Limited, limit: TimeoutLimit | 'release', ms: number): NodeJS.Timeout {
  return runDetached(() => setTimeout(expire, Math.max(1, Math.ceil(ms)), limited, limit))
}

function expire(limited: Limited, limit: TimeoutLimit | 'release'): void {
  limited._expired(limit)
}
