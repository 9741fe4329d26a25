/**
 * A connection that a task holds, and the transactions on it.
 *
 * A Lease is the time it is held for. On it one statement runs at a time, the others wait in line. While a transaction is
 * open, its handle is the only one that works, and the one it came from works again when it is over.
 */
import {
  type Awaitable,
  type Checked,
  type Coroutine,
  call,
  cancelScope,
  getRunningLoop,
  InvalidStateError,
  type Resource,
  type Result,
  Semaphore,
  sleep,
  use,
} from 'polvo'
import { misuse, namedCall } from 'polvo/lowlevel'
import {
  DeadlockDetectedError,
  OperatorInterventionError,
  QueryCanceledError,
  SerializationFailureError,
} from './database-error.ts'
import {
  CommitUnknownError,
  checkNumber,
  PostgresConnectionError,
  TransactionAbortedError,
} from './errors.ts'
import { type Held, stopWatching } from './forgotten.ts'
import { FinalExchange, QueryExchange } from './query-exchange.ts'
import { Queryable } from './queryable.ts'
import type { Session } from './session.ts'

/** How long the answer to COMMIT is waited for. */
const COMMIT_WITHIN = 30_000

export class Lease implements Held {
  readonly session: Session
  /** One statement at a time. */
  readonly turn = new Semaphore(1)
  /** How many transactions are open, one in the other. */
  depth = 0
  /** What it is streaming, in a word; then it can do nothing else. */
  streaming: string | null = null
  readonly #onEnd: () => void
  #isOver = false

  constructor(session: Session, onEnd: () => void) {
    this.session = session
    this.#onEnd = onEnd
  }

  get isOver(): boolean {
    return this.#isOver
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    stopWatching(this)
    this.#onEnd()
  }

  forget(): void {
    this.end()
  }

  /** Run a statement that is not to be cut short. */
  *say(text: string): Coroutine<string> {
    const { session } = this
    yield* this.turn.acquire()
    try {
      if (session.isSettling) yield* session.settled()
      return (yield* new FinalExchange(session, { text, values: undefined, name: undefined })).command
    } finally {
      this.turn.release()
      if (session.isSettling) yield* session.settled()
    }
  }
}

/** What a transaction is run with. */
export interface TransactionOptions {
  /** By default that of the database, which is 'read committed' unless it was changed. */
  isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined
  /** Let it change nothing; by default false. */
  readOnly?: boolean | undefined
  /** With 'serializable' and `readOnly`: wait for a moment in which it cannot fail; by default false. */
  deferrable?: boolean | undefined
  /**
   * How many times to run the body again when the server could not serialize it, or ended a deadlock, each time after a
   * longer pause; by default 0. The body must have no other effects than those in the transaction.
   */
  retrySerialization?: number | undefined
}

/** The body of a transaction, in either spelling. */
export type Body<R> = (transaction: Transaction) => R & Checked<R>

/** A connection out of the pool; see `Pool.acquire`. Any number of tasks may use it, one statement runs at a time. */
export class PoolConnection extends Queryable implements AsyncDisposable {
  readonly #lease: Lease
  readonly #level: number
  #isOver = false

  /** @internal */
  constructor(lease: Lease, level = 0) {
    super()
    this.#lease = lease
    this.#level = level
  }

  /** The number of the process on the server, as pg_stat_activity has it. */
  get processId(): number {
    return this.#lease.session.processId
  }

  /** As `Pool.transaction`, on this connection; inside a transaction it is a savepoint, which takes no options. */
  transaction<R>(body: Body<R>, options: TransactionOptions = {}): Awaitable<Result<R>> {
    checkTransaction(body, options)
    if (this.#level > 0 && Object.values(options).some((value) => value !== undefined)) {
      throw misuse(
        'A transaction inside a transaction is a savepoint and takes no options; give them to the outer one.',
      )
    }
    return namedCall(
      'transaction()',
      runTransaction,
      this,
      body as AnyBody,
      options,
    ) as Awaitable<unknown> as Awaitable<Result<R>>
  }

  /**
   * Give it back; an open transaction is rolled back. Waits until the server is done with it. A second call does nothing.
   */
  release(): Awaitable<void> {
    return call(release, this, this.#lease)
  }

  /** For `await using`: as `release()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.release()
  }

  /** @internal */
  override _tryBorrow(): Session | null {
    this.#check()
    const { turn, session } = this.#lease
    if (session.isSettling || !turn.tryAcquire()) return null
    return session
  }

  /** @internal */
  override *_borrow(use?: string): Coroutine<Session> {
    this.#check()
    const { turn, session } = this.#lease
    yield* turn.acquire()
    try {
      if (session.isSettling) yield* session.settled()
      this.#check()
      if (session.isClosed) throw session.failure
    } catch (error) {
      turn.release()
      throw error
    }
    this.#lease.streaming = use ?? null
    return session
  }

  /** @internal */
  override _return(): void {
    this.#lease.streaming = null
    this.#lease.turn.release()
  }

  /** @internal */
  get _lease(): Lease {
    return this.#lease
  }

  /** @internal */
  get _level(): number {
    return this.#level
  }

  /** @internal This handle works no more. */
  _end(): void {
    this.#isOver = true
    if (this.#level === 0) this.#lease.end()
  }

  #check(): void {
    if (this.#isOver || this.#lease.isOver)
      throw new InvalidStateError(`This ${this.kind} is over; take a new one.`)
    if (this.#lease.depth !== this.#level) {
      throw new InvalidStateError(`A transaction is open on this ${this.kind}: use what its body was given.`)
    }
    const { streaming } = this.#lease
    if (streaming !== null) {
      throw new InvalidStateError(
        `This ${this.kind} is busy with a ${streaming}: go through it to its end or close it, or use another connection.`,
      )
    }
  }

  /** @internal */
  protected get kind(): string {
    return 'connection'
  }
}

/** What the body of a transaction is given. It works until the body has ended. */
export class Transaction extends PoolConnection {
  /** @internal */
  protected override get kind(): string {
    return 'transaction'
  }
}

function* release(connection: PoolConnection, lease: Lease): Coroutine {
  connection._end()
  if (lease.session.isSettling) yield* lease.session.settled()
}

// ---------------------------------------------------------------- transactions

type AnyBody = (transaction: Transaction) => Promise<unknown>

/** What a transaction on a pool needs of it. */
interface Acquirable {
  acquire(): Awaitable<PoolConnection>
}

export function transaction<R>(
  pool: Acquirable,
  body: Body<R>,
  options: TransactionOptions,
): Awaitable<Result<R>> {
  checkTransaction(body, options)
  const operation: Awaitable<unknown> = namedCall(
    'pool.transaction()',
    acquireAndRun,
    pool,
    body as AnyBody,
    options,
  )
  return operation as Awaitable<Result<R>>
}

function* acquireAndRun(pool: Acquirable, body: AnyBody, options: TransactionOptions): Coroutine<unknown> {
  return yield* use(pool.acquire(), (connection) => runTransaction(connection, body, options))
}

function* runTransaction(
  parent: PoolConnection,
  body: AnyBody,
  options: TransactionOptions,
): Coroutine<unknown> {
  const { retrySerialization = 0 } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* use(new Bracket(parent, options), body)
    } catch (error) {
      const mayRetry = error instanceof SerializationFailureError || error instanceof DeadlockDetectedError
      if (!mayRetry || attempt > retrySerialization) throw error
    }
    yield* sleep(Math.random() * Math.min(1000, 10 * 2 ** attempt))
  }
}

const ISOLATION: ReadonlySet<unknown> = new Set([
  undefined,
  'read committed',
  'repeatable read',
  'serializable',
])

function checkTransaction(body: unknown, { isolation, retrySerialization }: TransactionOptions): void {
  if (typeof body !== 'function')
    throw misuse('transaction() takes a function that is given the transaction.')
  if (!ISOLATION.has(isolation)) {
    throw misuse(
      `isolation is 'read committed', 'repeatable read' or 'serializable'; given was ${String(isolation)}.`,
    )
  }
  checkNumber('retrySerialization', retrySerialization ?? 0)
}

/** What stands around the body of a transaction: BEGIN and COMMIT, or a savepoint. */
class Bracket implements Resource<Transaction> {
  readonly #parent: PoolConnection
  readonly #lease: Lease
  readonly #options: TransactionOptions
  readonly #isOuter: boolean
  readonly #savepoint: string
  readonly #transaction: Transaction

  constructor(parent: PoolConnection, options: TransactionOptions) {
    this.#parent = parent
    this.#lease = parent._lease
    this.#options = options
    this.#isOuter = parent._level === 0
    this.#savepoint = `polvo_${parent._level}`
    this.#transaction = new Transaction(parent._lease, parent._level + 1)
  }

  *enter(): Coroutine<Transaction> {
    const parent = this.#parent
    const session = parent._tryBorrow() ?? (yield* parent._borrow())
    const text = this.#isOuter ? beginText(this.#options) : `savepoint ${this.#savepoint}`
    let hasBegun = false
    try {
      yield* new QueryExchange(session, { text, values: undefined, name: undefined })
      hasBegun = true
      this.#lease.depth++
    } finally {
      parent._return()
      if (session.isSettling) yield* session.settled()
      // Cancelled, it may have begun all the same.
      if (!hasBegun && this.#isOuter) yield* this.#rollback()
    }
    return this.#transaction
  }

  *exit(error?: unknown): Coroutine {
    this.#transaction._end()
    this.#lease.depth--
    if (error !== undefined) yield* this.#rollback()
    else if (this.#lease.session.transactionStatus === 'E') {
      yield* this.#rollback()
      throw new TransactionAbortedError(
        'The body of the transaction ended well, but a statement in it had failed: it was rolled back. Let the error pass, ' +
          'or run what may fail in a nested transaction.',
      )
    } else if (this.#isOuter) yield* commit(this.#lease)
    else yield* this.#lease.say(`release savepoint ${this.#savepoint}`)
  }

  *#rollback(): Coroutine {
    const { session } = this.#lease
    if (session.isClosed || session.transactionStatus === 'I') return
    const savepoint = this.#savepoint
    try {
      yield* this.#lease.say(
        this.#isOuter ? 'rollback' : `rollback to savepoint ${savepoint}; release savepoint ${savepoint}`,
      )
    } catch (error) {
      // Without a connection there is no transaction; what went wrong before is what the program is to hear of.
      if (!session.isClosed) throw error
    }
  }
}

/** COMMIT, with cancellations kept away until it is known whether it happened. */
export function* commit(lease: Lease): Coroutine {
  const deadline = getRunningLoop().time() + COMMIT_WITHIN
  let answer: string | undefined
  try {
    answer = yield* cancelScope(() => lease.say('commit'), { shield: true, deadline })
  } catch (error) {
    if (!leavesUnknown(error)) throw error
    throw new CommitUnknownError(`The connection was lost while COMMIT was under way: ${unknown}.`, {
      cause: error,
    })
  }
  if (answer === undefined)
    throw new CommitUnknownError(`COMMIT was not answered within ${COMMIT_WITHIN} ms: ${unknown}.`)
}

const unknown = 'nobody knows whether the transaction happened. Look before you repeat it'

function leavesUnknown(error: unknown): boolean {
  if (error instanceof OperatorInterventionError) return !(error instanceof QueryCanceledError)
  return error instanceof PostgresConnectionError
}

function beginText({ isolation, readOnly, deferrable }: TransactionOptions): string {
  const words = ['begin']
  if (isolation !== undefined) words.push(`isolation level ${isolation}`)
  if (readOnly !== undefined) words.push(readOnly ? 'read only' : 'read write')
  if (deferrable !== undefined) words.push(deferrable ? 'deferrable' : 'not deferrable')
  return words.join(' ')
}
