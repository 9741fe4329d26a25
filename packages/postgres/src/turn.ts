/** One place in the line for a connection of a pool. */
import type { Task } from 'polvo'
import { Operation } from 'polvo/lowlevel'
import type { Session } from './session.ts'

/** What of a pool those in its line need. */
export interface Lender {
  /** A session that may be used at once; null where there is none. @throws InvalidStateError once the pool is closed */
  _take(): Session | null
  _enter(turn: Turn): void
  _leave(turn: Turn): void
  _give(session: Session): void
}

export class Turn extends Operation<Session> {
  /** Whose turn it is. */
  readonly task: Task | null
  /** When its time is over; a time of `performance.now()`. */
  deadline = 0
  readonly #pool: Lender
  #error: unknown = null

  constructor(pool: Lender, task: Task | null) {
    super()
    this.#pool = pool
    this.task = task
  }

  override _describe(): string {
    return 'pool.acquire()'
  }

  /** It gets `session`. */
  grant(session: Session): void {
    this._value = session
    this._wakeUp()
  }

  /** It gets nothing. */
  refuse(error: unknown): void {
    this.#error = error
    this._wakeUp()
  }

  protected override _begin(): boolean {
    const session = this.#pool._take()
    if (session === null) this.#pool._enter(this)
    else this._value = session
    return session !== null
  }

  protected override _resume(): boolean {
    if (this.#error !== null) throw this.#error
    return true
  }

  protected override _withdraw(): void {
    this.#pool._leave(this)
  }

  protected override _handBack(): void {
    if (this.#error === null) this.#pool._give(this._value as Session)
  }
}
