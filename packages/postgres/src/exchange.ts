/** What a coroutine waits for: one inquiry on its way to the server, and what comes of it. */
import type pg from 'pg'
import { Operation } from 'polvo/lowlevel'
import { databaseError, isServerError } from './database-error.ts'
import { PostgresError } from './errors.ts'
import type { Inquiry, Session } from './session.ts'

/**
 * An inquiry as an operation. Cancelled while it is under way, it leaves the session settling: whoever holds the session
 * waits for that before giving it on.
 */
export abstract class Exchange<T> extends Operation<T> implements Inquiry {
  error: unknown = null
  readonly #session: Session
  readonly #text: string

  constructor(session: Session, text: string) {
    super()
    this.#session = session
    this.#text = text
  }

  get session(): Session {
    return this.#session
  }

  /** @internal */
  abstract _submit(client: pg.Client): void

  /** What it is awaited for, once it is answered. */
  protected abstract outcome(): T

  _answered(): void {
    this._wakeUp()
  }

  _interrupt(): boolean {
    return true
  }

  protected _begin(): boolean {
    this.#session.begin(this)
    return false
  }

  protected _resume(): boolean {
    if (this.error !== null) throw this.#failure(this.error)
    this._value = this.outcome()
    return true
  }

  protected _withdraw(): void {
    this.#session.abandon(this)
  }

  protected _handBack(): void {}

  #failure(error: unknown): unknown {
    if (isServerError(error)) return databaseError(error, this.#text)
    if (error instanceof PostgresError || !this.#session.isClosed) return error
    return this.#session.failure
  }
}
