/**
 * The connections to a database: how many there may be, who waits for one, which are kept for later.
 *
 * | a session  | counts for `max` | next                                                  |
 * |------------|------------------|-------------------------------------------------------|
 * | connecting | yes              | idle or lent (to the head of the line), gone          |
 * | lent       | yes              | idle, lent, settling (given back too early), gone     |
 * | settling   | yes              | idle, lent, gone                                      |
 * | idle       | yes              | lent, gone (lost, too old, too long unused)           |
 * | gone       | no               | –                                                     |
 *
 * Invariant: nobody stands in line while a session is idle; so who finds one idle overtakes nobody. Sessions are made
 * outside any task's async context, and belong to no task: cancelling the one that waits for it stops no connecting.
 */
import { inspect } from 'node:util'
import {
  type Awaitable,
  type Coroutine,
  call,
  currentTask,
  Future,
  InvalidStateError,
  moveOnAfter,
  type Result,
  rethrowCancelled,
  type Task,
} from 'polvo'
import { namedCall, runDetached } from 'polvo/lowlevel'
import {
  type Body,
  Lease,
  PoolConnection,
  type Transaction,
  type TransactionOptions,
  transaction,
} from './connection.ts'
import { NestedAcquireError, PoolTimeoutError, PostgresConnectionError } from './errors.ts'
import { watchForgotten } from './forgotten.ts'
import { Listener, type ListenOptions } from './listener.ts'
import { QueryExchange } from './query-exchange.ts'
import { Queryable } from './queryable.ts'
import { Session, type SessionOwner } from './session.ts'
import { type PoolOptions, type Settings, settingsFrom } from './settings.ts'
import { type Lender, Turn } from './turn.ts'
import { Bell } from './wake-up.ts'

/** How long after a failure no new connection is tried while others are alive. */
const RETRY_MS = 250

/** How long `close()` lets work go on. */
const CLOSE_GRACE = 5000

/** How long a connection that was idle has to show that it is alive. */
const CHECK_MS = 2000

/** A pool of connections, made by `createPool`. */
export class Pool extends Queryable implements Lender, SessionOwner, AsyncDisposable {
  readonly #settings: Settings
  /** Those that count for `max`. */
  readonly #sessions = new Set<Session>()
  /** These, and those that are being closed. */
  readonly #present = new Set<Session>()
  readonly #idle: Session[] = []
  readonly #line = new Set<Turn>()
  readonly #leases = new Set<Lease>()
  readonly #listeners = new Set<Listener>()
  readonly #gone = new Bell()
  #connecting = 0
  #isShut = false
  #lastFailure: Error | null = null
  #retryTimer: NodeJS.Timeout | undefined
  #lineTimer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined

  /** @internal */
  constructor(settings: Settings) {
    super()
    this.#settings = settings
  }

  /** How many connections there are, or are being made. */
  get size(): number {
    return this.#sessions.size
  }

  /** How many of them nobody uses. */
  get free(): number {
    return this.#idle.length
  }

  /** How many wait in line for a connection. */
  get waiting(): number {
    return this.#line.size
  }

  /** Whether `close` was begun. */
  get closed(): boolean {
    return this.#isShut
  }

  // ---------------------------------------------------------------- for programs

  /**
   * Make `min` connections, at least one, so that a program finds out at its start whether the server is there. Returns the
   * pool. A second call makes those that are missing. A checkpoint.
   *
   *     await use(createPool(url).connect(), async (pool) => { … })
   *
   * @throws as `query` does where no connection can be made
   */
  connect(): Awaitable<this> {
    const operation: Awaitable<unknown> = namedCall(
      'pool.connect()',
      connect,
      this,
      Math.max(1, this.#settings.min),
    )
    return operation as Awaitable<this>
  }

  /**
   * Take a connection out of the pool, waiting in line for one; it goes back when it is disposed of.
   *
   *     await use(pool.acquire(), async (connection) => { … })
   *     await using connection = await pool.acquire()
   *
   * For what has to happen on one connection: session variables, advisory locks, temporary tables. For transactions there is
   * `transaction`. A checkpoint only where it waits. Cancelled: none was taken.
   *
   * @throws NestedAcquireError where it would have to wait and the task holds one already; otherwise as `query`
   */
  acquire(): Awaitable<PoolConnection> {
    return call(acquire, this)
  }

  /**
   * Run `body` in a transaction on a connection of its own: COMMIT when it has ended well, ROLLBACK when it has thrown or was
   * cancelled, which is waited for. Returns what the body returns.
   *
   *     await pool.transaction(async (tx) => {
   *       await tx.query('update accounts set amount = amount - $1 where id = $2', [amount, from])
   *       await tx.query('update accounts set amount = amount + $1 where id = $2', [amount, to])
   *     }, { isolation: 'serializable', retrySerialization: 5 })
   *
   * A cancellation that comes while COMMIT is under way waits for its answer: the transaction has happened, and the task is
   * cancelled at its next await. `tx.transaction(…)` inside is a savepoint. A checkpoint.
   *
   * @throws what the body throws; TransactionAbortedError, CommitUnknownError; otherwise as `query`
   */
  transaction<R>(body: Body<R>, options: TransactionOptions = {}): Awaitable<Result<R>> {
    return transaction(this, body, options)
  }

  /**
   * Listen to channels, on a connection of its own that does not count for `max` and is made again when it is lost.
   *
   *     await using news = pool.listen('news')
   *     for await (const { payload } of news) …
   *
   * See `Listener`. Nothing is sent before it is awaited.
   */
  listen(channels: string | readonly string[], options: ListenOptions = {}): Listener {
    this.#checkOpen()
    const listener = new Listener(this.#settings, channels, options, () => {
      this.#listeners.delete(listener)
      if (this.#isGone) this.#gone.ring()
    })
    this.#listeners.add(listener)
    return listener
  }

  /**
   * Close the pool: who waits for a connection fails with PostgresConnectionError, unused connections are closed, and what
   * is under way has `grace` milliseconds (by default 5,000) to give its connection back, before that is cancelled and
   * closed. Waits until every socket is closed. Cancelling it ends the grace. A second call waits as well.
   */
  close({ grace = CLOSE_GRACE }: { grace?: number } = {}): Awaitable<void> {
    return namedCall('pool.close()', close, this, grace)
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.close()
  }

  override toString(): string {
    const state = this.#isShut ? 'closed' : 'open'
    return `<Pool ${this.#settings.place} ${state} size=${this.size} free=${this.free} waiting=${this.waiting}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }

  // ---------------------------------------------------------------- lending

  /** @internal */
  override _tryBorrow(): Session | null {
    const session = this._take()
    if (session === null || !this.#needsCare(session)) return session
    this.#idle.push(session)
    return null
  }

  /** @internal */
  override *_borrow(): Coroutine<Session> {
    for (;;) {
      const session = yield* new Turn(this, taskHere())
      if (!this.#needsCare(session) || (yield* this.#care(session))) return session
    }
  }

  /** @internal */
  override _return(session: Session): void {
    this._give(session)
  }

  /** @internal */
  _take(): Session | null {
    this.#checkOpen()
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (session.isReady) {
        session.isReturned = false
        return session
      }
    }
    return null
  }

  /** @internal */
  _give(session: Session): void {
    session.isReturned = true
    if (session.isClosed || session.isSettling) return
    if (!session.isReady) this.#dismiss(session)
    else if (session.transactionStatus !== 'I') session.leaveTransaction()
    else this.#serve(session)
  }

  /** @internal */
  _enter(turn: Turn): void {
    this.#checkNesting(turn)
    const { acquireTimeout } = this.#settings
    if (acquireTimeout > 0) {
      turn.deadline = performance.now() + acquireTimeout
      if (this.#line.size === 0) this.#watchLine(acquireTimeout)
    }
    this.#line.add(turn)
    this.#open()
  }

  /** @internal */
  _leave(turn: Turn): void {
    this.#line.delete(turn)
    if (this.#line.size === 0) clearTimeout(this.#lineTimer)
  }

  /** @internal */
  _lease(session: Session): Lease {
    const lease = new Lease(session, taskHere(), () => {
      this.#leases.delete(lease)
      this._give(session)
    })
    this.#leases.add(lease)
    return lease
  }

  /** Hand a ready session to the head of the line, or keep it. */
  #serve(session: Session): void {
    const now = performance.now()
    const { maxLifetime } = this.#settings
    const isTooOld = maxLifetime > 0 && now - session.born > maxLifetime
    if (this.#isShut || session.isRetired || isTooOld) return this.#dismiss(session)
    for (const turn of this.#line) {
      this._leave(turn)
      session.isReturned = false
      session.idleSince = now
      turn.grant(session)
      return
    }
    session.idleSince = now
    this.#idle.push(session)
    this.#watchIdle()
  }

  /** Hold-and-wait is refused, since the wait may be for oneself. Other tasks that hold one may give it back. */
  #checkNesting({ task }: Turn): void {
    if (task === null || this.size < this.#settings.max) return
    for (const lease of this.#leases) {
      if (lease.task !== task) continue
      throw new NestedAcquireError(
        `${task.getName()} holds a connection of ${this} and asked for another one, which it might wait for for ever. ` +
          'Use the connection it has, give that back first, do it in another task, or raise max.',
      )
    }
  }

  #checkOpen(): void {
    if (this.#isShut) throw new InvalidStateError(`${this} is closed; make a new one.`)
  }

  // ---------------------------------------------------------------- care before use

  #needsCare(session: Session): boolean {
    if (session.isFresh) return true
    return performance.now() - session.idleSince > this.#settings.checkAfterIdle
  }

  /** Make a new session ready for use, or find out whether an old one is alive. Returns false where it is not. */
  *#care(session: Session): Coroutine<boolean> {
    let isFine = false
    try {
      if (!session.isFresh) isFine = yield* isAlive(session)
      else {
        session.isFresh = false
        const { onConnect } = this.#settings
        if (onConnect !== null) yield* this.#setUp(session, onConnect)
        isFine = true
      }
    } finally {
      if (!isFine) this.#dismiss(session)
    }
    return isFine
  }

  *#setUp(session: Session, onConnect: (connection: PoolConnection) => unknown): Coroutine {
    const connection = new PoolConnection(new Lease(session, taskHere(), ignore))
    try {
      yield* call(onConnect as (connection: PoolConnection) => Promise<unknown>, connection)
    } finally {
      connection._end()
    }
  }

  // ---------------------------------------------------------------- sessions come and go

  /** Make another one, if somebody waits for it and there may be more. */
  #open(): void {
    const hasRoom = this.size < this.#settings.max && this.#connecting < this.#line.size
    if (!hasRoom || this.#isShut || this.#retryTimer !== undefined) return
    this.#connecting++
    const session = new Session(this.#settings, this)
    this.#sessions.add(session)
    this.#present.add(session)
    runDetached(connectSession, session)
  }

  /** @internal */
  sessionReady(session: Session): void {
    this.#connecting--
    this.#lastFailure = null
    session.isReturned = true
    this.#serve(session)
  }

  /** @internal */
  sessionSettled(session: Session): void {
    this.#serve(session)
  }

  /** @internal */
  sessionLost(session: Session, error: Error): void {
    if (!this.#sessions.delete(session)) return
    const at = this.#idle.indexOf(session)
    if (at >= 0) this.#idle.splice(at, 1)
    if (session.born === 0) this.#connectFailed(error)
    else this.#open()
  }

  /** @internal */
  sessionGone(session: Session): void {
    this.#present.delete(session)
    if (this.#isGone) this.#gone.ring()
  }

  /**
   * Nobody could connect. As long as other connections are alive, those in line wait for these, and there is another try in
   * a while; else they all get the error.
   */
  #connectFailed(error: Error): void {
    this.#connecting--
    this.#lastFailure = error
    if (this.#line.size === 0 || this.#connecting > 0) return
    if (this.#sessions.size === 0) {
      for (const turn of this.#line) {
        this._leave(turn)
        turn.refuse(error)
      }
      return
    }
    this.#retryTimer ??= runDetached(setTimeout, this.#retry, RETRY_MS)
  }

  readonly #retry = (): void => {
    this.#retryTimer = undefined
    this.#open()
  }

  /** End a session that is not to be used any more, and makes room for another one. */
  #dismiss(session: Session): void {
    if (!this.#sessions.delete(session)) return
    if (session.born === 0) this.#connecting--
    session.close()
    this.#open()
  }

  get #isGone(): boolean {
    return this.#present.size === 0 && this.#listeners.size === 0
  }

  // ---------------------------------------------------------------- limits of time

  /** One timer for all who wait: the head of the line is the first whose time is over. */
  #watchLine(ms: number): void {
    clearTimeout(this.#lineTimer)
    this.#lineTimer = runDetached(setTimeout, this.#endLate, Math.min(ms, 2 ** 31 - 1))
  }

  readonly #endLate = (): void => {
    const now = performance.now()
    for (const turn of this.#line) {
      if (turn.deadline > now) return this.#watchLine(turn.deadline - now)
      this._leave(turn)
      turn.refuse(this.#tooLate())
    }
  }

  #tooLate(): PoolTimeoutError {
    const { acquireTimeout } = this.#settings
    const why =
      this.#lastFailure === null ? '' : ` The last attempt to connect failed: ${this.#lastFailure.message}`
    return new PoolTimeoutError(
      `No connection of ${this} became free within ${acquireTimeout} ms. Hold them for less time, or raise max.${why}`,
      this.#lastFailure === null ? undefined : { cause: this.#lastFailure },
    )
  }

  #watchIdle(): void {
    const { idleTimeout, min } = this.#settings
    if (this.#idleTimer !== undefined || idleTimeout === 0 || this.size <= min) return
    this.#idleTimer = runDetached(setTimeout, this.#endIdle, Math.min(idleTimeout, 2 ** 31 - 1))
  }

  /** The first is the one that was unused for the longest time. */
  readonly #endIdle = (): void => {
    this.#idleTimer = undefined
    const { idleTimeout, min } = this.#settings
    const limit = performance.now() - idleTimeout
    while (this.size > min && this.#idle.length > 0 && (this.#idle[0] as Session).idleSince <= limit) {
      this.#dismiss(this.#idle.shift() as Session)
    }
    if (this.#idle.length > 0) this.#watchIdle()
  }

  // ---------------------------------------------------------------- the end

  /** @internal */
  _shut(): void {
    this.#isShut = true
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#idleTimer)
    for (const turn of this.#line) {
      this._leave(turn)
      turn.refuse(new PostgresConnectionError(`${this} was closed while this waited for a connection.`))
    }
    for (const listener of this.#listeners) listener._shut()
    for (const session of this.#idle.splice(0)) this.#dismiss(session)
  }

  /** @internal */
  _abort(): void {
    for (const session of this.#sessions) this.#dismiss(session)
  }

  /** @internal Wait until there are no connections left, and every socket is closed. */
  *_whenGone(): Coroutine {
    while (!this.#isGone) yield* this.#gone.wait()
  }

  /** @internal Make sessions until there are `count`. */
  *_fill(count: number): Coroutine {
    const connections: PoolConnection[] = []
    try {
      do connections.push(yield* acquire(this))
      while (this.size < count)
    } finally {
      for (const connection of connections) connection._end()
    }
  }
}

/** null outside any task: what is awaited there has nothing in common. */
function taskHere(): Task | null {
  const task: unknown = currentTask()
  return task instanceof Future ? (task as Task) : null
}

function* connect(pool: Pool, count: number): Coroutine<Pool> {
  yield* pool._fill(count)
  return pool
}

function* acquire(pool: Pool): Coroutine<PoolConnection> {
  const session = pool._tryBorrow() ?? (yield* pool._borrow())
  const lease = pool._lease(session)
  const connection = new PoolConnection(lease)
  watchForgotten(connection, lease, 'A connection of a pool')
  return connection
}

function* isAlive(session: Session): Coroutine<boolean> {
  try {
    const answer = yield* moveOnAfter(
      CHECK_MS,
      () => new QueryExchange(session, { text: '', values: undefined, name: undefined }),
    )
    return answer !== undefined
  } catch (error) {
    rethrowCancelled(error)
    return false
  }
}

function* close(pool: Pool, grace: number): Coroutine {
  pool._shut()
  try {
    yield* moveOnAfter(grace, () => pool._whenGone())
  } finally {
    pool._abort()
  }
  yield* pool._whenGone()
}

function connectSession(session: Session): void {
  session.connect()
}

function ignore(): void {}

/**
 * Make a pool. Nothing is connected before it is needed; see `connect`.
 *
 *     await using pool = createPool('postgres://localhost/shop')
 *     const { rows } = await pool.query('select $1::int as answer', [42])
 *
 * One for a program and database. aiopg's and asyncpg's `create_pool`.
 *
 * @throws TypeError, RangeError for options that cannot be
 */
export function createPool(options: string | PoolOptions = {}): Pool {
  return new Pool(settingsFrom(options))
}

export type { Transaction }
