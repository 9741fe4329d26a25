/** One place in the line for a connection of a pool. */
import type { Task } from 'polvo'
import { Operation } from 'polvo/lowlevel'
import type { Session } from './session.ts'

/** What of a pool those in its line need. */
export interface Lender {
  /** @internal A session that may be used at once; null where there is none. @throws InvalidStateError once the pool is closed */
  _take(): Session | null
  /** @internal Get in line. */
  _enter(turn: Turn): void
  /** @internal Give up. */
  _leave(turn: Turn): void
  /** @internal It is not needed any more: ready, settling or closed. */
  _give(session: Session): void
}

export class Turn extends Operation<Session> {
  /** Whose turn it is. */
  readonly task: Task | null
  /** When its time is over; a time of `performance.now()`. */
  deadline = 0
  readonly #pool: Lender
  #session: Session | null = null
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
    this.#session = session
    this._wakeUp()
  }

  /** It gets nothing. */
  refuse(error: unknown): void {
    this.#error = error
    this._wakeUp()
  }

  protected override _begin(): boolean {
    this.#session = this.#pool._take()
    if (this.#session === null) this.#pool._enter(this)
    return this.finish()
  }

  protected override _resume(): boolean {
    if (this.#error !== null) throw this.#error
    return this.finish()
  }

  private finish(): boolean {
    if (this.#session !== null) this._value = this.#session
    return this.#session !== null
  }

  /** It may have been granted a session after it was cancelled, and before its task was told. */
  protected override _withdraw(): void {
    if (this.#session === null) this.#pool._leave(this)
    else this._handBack()
  }

  protected override _handBack(): void {
    if (this.#session !== null) this.#pool._give(this.#session)
  }
}
