/**
 * Something that comes piece by piece over a connection: the rows of a cursor, the bytes of a COPY.
 *
 * | state | is true                                            | next       | moved by                        |
 * |-------|----------------------------------------------------|------------|---------------------------------|
 * | made  | nothing was sent                                   | open, over | `next`, `close`                 |
 * | open  | it has a session, which does nothing else          | over       | the last piece, an error, `close`, a cancellation |
 * | over  | the session was given back, settling where need be | –          | –                               |
 */

import type pg from 'pg'
import { type Coroutine, InvalidStateError } from 'polvo'
import { databaseError, isServerError } from './database-error.ts'
import { type Held, stopWatching, watchForgotten } from './forgotten.ts'
import type { Sessions } from './queryable.ts'
import type { Inquiry, Session } from './session.ts'
import { Bell } from './wake-up.ts'

export abstract class Feed<T> implements Inquiry, Held {
  error: unknown = null
  protected readonly progress = new Bell()
  readonly #sessions: Sessions
  readonly #kind: string
  readonly #text: string
  #session: Session | null = null
  #isAnswered = false
  #isOver = false
  #isReading = false

  constructor(sessions: Sessions, kind: string, text: string) {
    this.#sessions = sessions
    this.#kind = kind
    this.#text = text
  }

  /** @internal */
  abstract _submit(client: pg.Client): void
  abstract _interrupt(): boolean

  /** The next piece that has come, or null where there is none yet, or no more once it is answered. Asks for more, if need be. */
  protected abstract take(): T | null

  _answered(): void {
    this.#isAnswered = true
    this.progress.ring()
  }

  protected get isAnswered(): boolean {
    return this.#isAnswered
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /**
   * The next piece, null at the end. It is given to `reader`, which may be forgotten.
   * @throws what the server answers; InvalidStateError while another task reads
   */
  *next(reader: object): Coroutine<T | null> {
    if (this.#isReading) throw new InvalidStateError(`This ${this.#kind} is being read by another task.`)
    if (this.#isOver) return null
    this.#isReading = true
    let piece: T | null = null
    try {
      if (this.#session === null) yield* this.#open(reader)
      piece = this.take()
      while (piece === null && !this.#isDrained) {
        yield* this.progress.wait()
        piece = this.take()
      }
      if (piece === null && this.error !== null) throw this.#failure()
    } finally {
      this.#isReading = false
      if (piece === null || this.#isDrained) yield* this.#giveBack()
    }
    return piece
  }

  /** Whether nothing has come that was not taken, or is about to. */
  protected abstract get isEmpty(): boolean

  get #isDrained(): boolean {
    return this.#isAnswered && this.isEmpty
  }

  /** End it before its end. Waits until the server has stopped. Nothing happens where it is over. */
  *close(): Coroutine {
    if (this.#isOver) return
    if (this.#session === null) this.#isOver = true
    else yield* this.#giveBack()
  }

  *#open(reader: object): Coroutine {
    const session = yield* this.#sessions._borrow(this.#kind)
    this.#session = session
    session.begin(this)
    watchForgotten(reader, this, `A ${this.#kind}`)
  }

  *#giveBack(): Coroutine {
    const session = this.#session
    this.forget()
    if (session?.isSettling) yield* session.settled()
  }

  forget(): void {
    const session = this.#session
    this.#isOver = true
    if (session === null) return
    this.#session = null
    stopWatching(this)
    session.abandon(this)
    this.#sessions._return(session)
  }

  #failure(): unknown {
    return isServerError(this.error) ? databaseError(this.error, this.#text) : this.error
  }
}
