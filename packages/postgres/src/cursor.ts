/** The rows of a statement, as they come. The portal on the server is pg-cursor's. */

import type pg from 'pg'
import PgCursor from 'pg-cursor'
import { type Awaitable, type Coroutine, call, type Stream } from 'polvo'
import { checkNumber } from './errors.ts'
import { Feed } from './feed.ts'
import type { Sessions } from './queryable.ts'
import type { Command, Row } from './statement.ts'
import { done } from './wake-up.ts'

/** What a cursor is made with. */
export interface CursorOptions {
  /** How many rows the server gives at a time; by default 500. */
  batch?: number | undefined
}

type Step<T> = IteratorResult<T, undefined>

const END: Step<never> = { done: true, value: undefined }

/**
 * The rows of a statement one by one; see `Pool.cursor`. It is read by one task at a time, once. `batches()` is the same in
 * arrays, which costs less for each row. Cancelling a read ends it on the server and closes the portal.
 */
export class Cursor<R extends object = Row> implements Stream<R>, AsyncDisposable {
  readonly #portal: Portal<R>
  #rows: readonly R[] = []
  #at = 0

  /** @internal */
  constructor(sessions: Sessions, command: Command, { batch = 500 }: CursorOptions) {
    this.#portal = new Portal(sessions, command, checkNumber('batch', batch, 1))
  }

  /**
   * The next row, or the end. A checkpoint only where a batch has to be fetched.
   * @throws as `query`; InvalidStateError while another task reads
   */
  next(): Awaitable<Step<R>> {
    const row = this.#rows[this.#at]
    if (row === undefined) return call(nextRow<R>, this)
    this.#at++
    return done({ done: false, value: row })
  }

  /** What a loop over the rows calls when it is left before the end: as `close()`. */
  return(): Awaitable<Step<R>> {
    return call(end<R>, this)
  }

  /** The rows in arrays of up to `batch`, in place of one by one. Rows that were fetched and not taken come first. */
  batches(): Batches<R> {
    return new Batches(this)
  }

  /**
   * End it: the portal is closed, the connection free. Waits for that. A second call does nothing.
   */
  close(): Awaitable<void> {
    return call(close, this)
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<R, undefined, undefined> {
    const next = () => {
      const row = this.#rows[this.#at]
      if (row === undefined) return call(nextRow<R>, this)
      this.#at++
      // What is there already needs no promise: `for await` takes it as it is.
      return { done: false, value: row }
    }
    return { next, return: () => this.return() } as unknown as AsyncIterator<R, undefined, undefined>
  }

  /** @internal */
  *_fetch(): Coroutine<readonly R[] | null> {
    const rest = this.#rows.slice(this.#at)
    this.#rows = []
    this.#at = 0
    return rest.length > 0 ? rest : yield* this.#portal.next(this)
  }

  /** @internal */
  _keep(rows: readonly R[]): Step<R> {
    this.#rows = rows
    this.#at = 1
    return { done: false, value: rows[0] as R }
  }

  /** @internal */
  *_close(): Coroutine {
    this.#rows = []
    this.#at = 0
    yield* this.#portal.close()
  }
}

/** The rows of a cursor in arrays; see `Cursor.batches`. */
export class Batches<R extends object = Row> implements Stream<readonly R[]> {
  readonly #cursor: Cursor<R>

  /** @internal */
  constructor(cursor: Cursor<R>) {
    this.#cursor = cursor
  }

  /** The next rows, at least one, or the end. Otherwise as `Cursor.next`. */
  next(): Awaitable<Step<readonly R[]>> {
    return call(nextBatch<R>, this.#cursor)
  }

  /** What a loop calls when it is left before the end: closes the cursor. */
  return(): Awaitable<Step<readonly R[]>> {
    return call(end<readonly R[]>, this.#cursor)
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly R[], undefined, undefined> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<readonly R[], undefined, undefined>
  }
}

function* nextRow<R extends object>(cursor: Cursor<R>): Coroutine<Step<R>> {
  const rows = yield* cursor._fetch()
  return rows === null ? END : cursor._keep(rows)
}

function* nextBatch<R extends object>(cursor: Cursor<R>): Coroutine<Step<readonly R[]>> {
  const rows = yield* cursor._fetch()
  return rows === null ? END : { done: false, value: rows }
}

function* end<T>(cursor: { _close(): Coroutine }): Coroutine<Step<T>> {
  yield* cursor._close()
  return END
}

function* close(cursor: { _close(): Coroutine }): Coroutine {
  yield* cursor._close()
}

type PgCursorInside = new <R extends object>(
  text: string,
  values: unknown[],
) => PgCursor<R> & { handleDataRow(message: unknown): void }

/** pg-cursor lets an error in parsing a row escape into the socket's events, where it would end the process. */
class SafeCursor<R extends object> extends (PgCursor as unknown as PgCursorInside)<R> {
  parseError: unknown = null

  override handleDataRow(message: unknown): void {
    if (this.parseError !== null) return
    try {
      super.handleDataRow(message)
    } catch (error) {
      this.parseError = error
    }
  }
}

/** The portal on the server: a batch at a time, asked for when it is wanted. */
class Portal<R extends object> extends Feed<readonly R[]> {
  readonly #cursor: SafeCursor<R>
  readonly #batch: number
  #rows: readonly R[] | null = null
  #isFetching = false

  constructor(sessions: Sessions, { text, values }: Command, batch: number) {
    super(sessions, 'cursor', text)
    this.#cursor = new SafeCursor<R>(text, values ?? [])
    this.#batch = batch
  }

  override _submit(client: pg.Client): void {
    client.query(this.#cursor)
  }

  protected override take(): readonly R[] | null {
    const rows = this.#rows
    this.#rows = null
    if (rows === null && !this.#isFetching && !this.isAnswered) this.#fetch()
    return rows
  }

  protected override get isEmpty(): boolean {
    return this.#rows === null && !this.#isFetching
  }

  #fetch(): void {
    this.#isFetching = true
    this.#cursor.read(this.#batch, (error, rows) => {
      this.#isFetching = false
      const { parseError } = this.#cursor
      if (error) this.error ??= error
      else if (parseError !== null) this.#giveUp(parseError)
      else if (rows.length > 0) this.#rows = rows
      this.progress.ring()
    })
  }

  /** The rows cannot be read, though the server has made them: its answer to closing the portal ends it. */
  #giveUp(error: unknown): void {
    this.error = error
    this.#cursor.close(ignore)
  }

  /** The portal is closed where it stands; the server only has to be told to stop while it makes rows. */
  override _interrupt(): boolean {
    if (this.error === null) this.#cursor.close(ignore)
    return this.#isFetching
  }
}

function ignore(): void {}
