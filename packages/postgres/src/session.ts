/**
 * One session with the server: pg's client underneath, and on top the rule that a connection is only used again when the
 * server has nothing left to say.
 *
 * | state      | is true                                                            | next                    | moved by         |
 * |------------|--------------------------------------------------------------------|-------------------------|------------------|
 * | connecting | the socket is being made, or the server asks who we are            | ready, closed           | server, limit    |
 * | ready      | the server waits for a command                                     | busy, settling, closed  | exchange, pool   |
 * | busy       | an exchange is under way and somebody waits for it                 | ready, settling, closed | server, a cancel |
 * | settling   | nobody waits for the exchange any more; its answer is still to come | ready, closed          | server, limit    |
 * | closed     | the socket is closed, or will be                                   | –                       | –                |
 *
 * A cancelled exchange settles in this order: CancelRequest on a side connection; the answer (57014, or what it had done),
 * then ReadyForQuery; the end of the side connection, which the server closes after it has sent its process the signal; and
 * where no 57014 came, an empty query as a fence. Only then it is ready.
 *
 * Why a late cancel cannot hit the next query: the server sends the signal before it closes the side connection, and we send
 * nothing before we saw that. A signal that is pending is handled when the process returns from reading our next bytes,
 * at the latest; it counts for nothing while the process waits for a command, which it does until it has looked for
 * signals once more. So a signal that came too late dies before the next command, or in the fence where something between us
 * and the server (a pooler) closed the side connection early. What does not settle in time is destroyed.
 *
 * Its callbacks run outside any task's async context.
 */
import type { Socket } from 'node:net'
import pg from 'pg'
import { type Awaitable, InvalidStateError } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import { sendCancel } from './cancel-request.ts'
import { databaseError, isServerError } from './database-error.ts'
import { connectionError, PostgresConnectionError } from './errors.ts'
import type { Settings } from './settings.ts'
import { Bell } from './wake-up.ts'

/** Whoever owns sessions and is told of what happens to them. */
export interface SessionOwner {
  /** @internal It is connected. */
  sessionReady(session: Session): void
  /** @internal It was given back while it settled, and is ready now. */
  sessionSettled(session: Session): void
  /** @internal It is closed, for whatever reason; called once, whether it was ever connected or not. */
  sessionLost(session: Session, error: Error): void
  /** @internal After that: its side connections are closed as well. */
  sessionGone(session: Session): void
}

/** What is asked of the server and answered with one ReadyForQuery. */
export interface Inquiry {
  /** What the server said in place of a result, as pg gives it. */
  error: unknown
  /** @internal Hand it to pg. */
  _submit(client: pg.Client): void
  /** The server is ready again, or gone: the result, or `error`, is all there will be. */
  _answered(): void
  /** What to do beside a CancelRequest to have it end; false where it is to go on to its end. */
  _interrupt(): boolean
}

/** What pg's client has and its types do not show. */
interface ClientInside {
  readonly connection: {
    readonly stream: Socket
    on(event: 'readyForQuery', listener: (message: { status: string }) => void): void
  }
  readonly processID: number
  readonly secretKey: number
  readonly sslNegotiation: string | undefined
}

type State = 'connecting' | 'ready' | 'busy' | 'settling' | 'closed'

const CANCELED = '57014'

export class Session {
  readonly #client: pg.Client
  readonly #inside: ClientInside
  readonly #owner: SessionOwner
  readonly #settings: Settings
  #state: State = 'connecting'
  #current: Inquiry | null = null
  #lostBy: unknown = null
  #isGone = false
  #timer: NodeJS.Timeout | undefined
  // What settling waits for.
  #isAnswered = false
  #mayComeLate = false
  #isFenced = false
  #sidesOpen = 0
  readonly #settled = new Bell()

  /** 'I' outside a transaction, 'T' in one, 'E' in one that has failed. */
  transactionStatus = 'I'
  /** Given back by its borrower. */
  isReturned = false
  /** Not to be used for another borrower. */
  isRetired = false
  /** Nobody has had it yet. */
  isFresh = true
  /** When it became ready; a time of `performance.now()`. */
  born = 0
  /** When it was last given back. */
  idleSince = 0

  constructor(settings: Settings, owner: SessionOwner) {
    this.#settings = settings
    this.#owner = owner
    this.#client = new pg.Client(settings.client)
    this.#inside = this.#client as unknown as ClientInside
  }

  /** @internal */
  get client(): pg.Client {
    return this.#client
  }

  /** The number of the server's process. */
  get processId(): number {
    return this.#inside.processID
  }

  get isReady(): boolean {
    return this.#state === 'ready'
  }

  get isSettling(): boolean {
    return this.#state === 'settling'
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** Why it is closed, as an error to throw. */
  get failure(): PostgresConnectionError {
    const what = `The connection to ${this.#settings.place} was lost`
    if (this.#lostBy !== null) return connectionError(what, this.#lostBy)
    return new PostgresConnectionError(`${what}: it was closed on this side.`)
  }

  // ---------------------------------------------------------------- the beginning

  /** Connect; the owner hears of the outcome. */
  connect(): void {
    const { connectTimeout, place } = this.#settings
    this.#client.on('error', (error) => this.#fail(error))
    this.#client.on('end', () => this.#gone())
    if (connectTimeout > 0) {
      const late = () =>
        this.#fail(new PostgresConnectionError(`${place} did not let us in within ${connectTimeout} ms.`))
      this.#timer = setTimeout(late, connectTimeout)
    }
    this.#client.connect((error: Error | null) => {
      if (error) return this.#fail(error)
      if (this.#state !== 'connecting') return
      clearTimeout(this.#timer)
      this.#inside.connection.on('readyForQuery', this.#onReady)
      this.#state = 'ready'
      this.born = this.idleSince = performance.now()
      this.#owner.sessionReady(this)
    })
  }

  // ---------------------------------------------------------------- asking

  /** Send what `inquiry` asks. @throws PostgresConnectionError when it is closed, InvalidStateError while it is busy */
  begin(inquiry: Inquiry): void {
    if (this.#state === 'closed') throw this.failure
    if (this.#state !== 'ready') throw new InvalidStateError('The connection is busy with something else.')
    this.#state = 'busy'
    this.#current = inquiry
    inquiry._submit(this.#client)
  }

  readonly #onReady = ({ status }: { status: string }): void => {
    this.transactionStatus = status
    const inquiry = this.#current
    if (this.#state === 'busy') {
      this.#current = null
      this.#state = 'ready'
      inquiry?._answered()
    } else if (this.#state === 'settling') {
      if (codeOf(inquiry?.error) === CANCELED) this.#mayComeLate = false
      this.#isAnswered = true
      this.#settle()
    }
  }

  // ---------------------------------------------------------------- settling

  /** Nobody waits for `inquiry` any more: have the server end it, and the session be ready when it has. */
  abandon(inquiry: Inquiry): void {
    if (this.#current !== inquiry || this.#state !== 'busy') return
    this.#beginSettling()
    if (inquiry._interrupt()) this.#sendCancel()
  }

  #beginSettling(): void {
    this.#state = 'settling'
    this.#isAnswered = this.#isFenced = this.#mayComeLate = false
    const { cancelTimeout } = this.#settings
    const late = () =>
      this.#fail(new PostgresConnectionError(`no answer within ${cancelTimeout} ms of a cancellation`))
    this.#timer = runDetached(setTimeout, late, cancelTimeout)
  }

  #sendCancel(): void {
    const { host, port, ssl } = this.#client
    const { processID, secretKey, sslNegotiation, connection } = this.#inside
    if (processID === null) return
    this.#mayComeLate = true
    this.#sidesOpen++
    const address = connection.stream.remoteAddress
    const target = { host, port, ssl, sslNegotiation, processId: processID, secretKey, address }
    const end = runDetached(sendCancel, target, () => {
      clearTimeout(limit)
      this.#sidesOpen--
      this.#settle()
      this.#checkGone()
    })
    const limit = runDetached(setTimeout, end, this.#settings.cancelTimeout)
  }

  /** Go on with settling, as far as what has come allows. */
  #settle(): void {
    if (this.#state !== 'settling' || !this.#isAnswered || this.#sidesOpen > 0) return
    if (this.#mayComeLate && !this.#isFenced) {
      this.#isFenced = true
      return this.#say('')
    }
    if (this.isReturned && this.transactionStatus !== 'I') return this.#say('rollback')
    clearTimeout(this.#timer)
    this.#current = null
    this.#state = 'ready'
    this.#settled.ring()
    if (this.isReturned) this.#owner.sessionSettled(this)
  }

  /** Ask something that nobody waits for. */
  #say(text: string): void {
    this.#isAnswered = false
    const remark = new Remark(text)
    this.#current = remark
    remark._submit(this.#client)
  }

  /** Wait until it is ready, or closed. A checkpoint where it is neither. */
  settled(): Awaitable<void> {
    return this.#settled.wait()
  }

  /** It was given back in the middle of a transaction: end that before it is used again. */
  leaveTransaction(): void {
    this.#beginSettling()
    this.#isAnswered = true
    this.#settle()
  }

  // ---------------------------------------------------------------- the end

  /** Say goodbye, where the server waits for a command; else hang up, after telling it to stop. */
  close(): void {
    if (this.#state === 'ready') {
      this.#state = 'closed'
      this.#client.end(ignore)
      const late = () => this.#inside.connection.stream.destroy()
      this.#timer = runDetached(setTimeout, late, this.#settings.cancelTimeout)
    } else if (this.#state !== 'closed') {
      if (this.#state === 'busy') this.#sendCancel()
      this.#fail(null)
    }
  }

  #fail(cause: unknown): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#lostBy = cause
    clearTimeout(this.#timer)
    this.#inside.connection.stream.destroy()
  }

  #gone(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#state = 'closed'
    clearTimeout(this.#timer)
    const inquiry = this.#current
    this.#current = null
    if (inquiry !== null) {
      inquiry.error ??= this.failure
      inquiry._answered()
    }
    this.#settled.ring()
    this.#owner.sessionLost(this, this.#reason())
    this.#checkGone()
  }

  #checkGone(): void {
    if (this.#isGone && this.#sidesOpen === 0) this.#owner.sessionGone(this)
  }

  #reason(): Error {
    if (isServerError(this.#lostBy)) return databaseError(this.#lostBy)
    if (this.#lostBy instanceof PostgresConnectionError) return this.#lostBy
    return connectionError(`No connection to ${this.#settings.place}`, this.#lostBy)
  }
}

/** Something short that the session itself says to the server. */
class Remark implements Inquiry {
  error: unknown = null
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  _submit(client: pg.Client): void {
    client.query(
      new pg.Query(this.#text, undefined, (error) => {
        this.error = error ?? null
      }),
    )
  }

  _answered(): void {}

  _interrupt(): boolean {
    return false
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code
}

function ignore(): void {}
