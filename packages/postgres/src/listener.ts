/**
 * LISTEN: notifications as a stream, over a connection of its own, which is made again when it is lost.
 *
 * | state      | is true                                           | next               | moved by           |
 * |------------|---------------------------------------------------|--------------------|--------------------|
 * | made       | nothing was sent                                  | connecting, closed | the first `next`   |
 * | connecting | a session is being made, or says LISTEN           | listening, waiting, closed | server     |
 * | listening  | the server sends what it is notified of           | waiting, closed    | server             |
 * | waiting    | the connection was lost, or not to be made; a timer runs | connecting, closed | timer       |
 * | closed     | –                                                 | –                  | –                  |
 */
import type pg from 'pg'
import { type Awaitable, type Coroutine, call, type Stream } from 'polvo'
import { misuse, runDetached } from 'polvo/lowlevel'
import { databaseError, isServerError } from './database-error.ts'
import { type Inquiry, Session, type SessionOwner } from './session.ts'
import type { Settings } from './settings.ts'
import { Bell } from './wake-up.ts'

/** What somebody notified: `notify channel, 'payload'`. */
export interface Notification {
  /** The channel. */
  readonly channel: string
  /** The text, '' where there was none. */
  readonly payload: string
  /** The number of the server's process that sent it. */
  readonly processId: number
}

/** What a listener is made with. */
export interface ListenOptions {
  /**
   * Called when it listens again after the connection was lost: notifications sent in between are lost, so read again what
   * they are about.
   */
  onReconnect?: (() => void) | undefined
}

type Step = IteratorResult<Notification, undefined>

const FIRST_DELAY = 50
const LAST_DELAY = 5000

/**
 * Notifications as they come; see `Pool.listen`. It listens from the first `next()`, or from `start()`, until it is closed,
 * and keeps what nobody has taken yet. Where the first connection cannot be made, that is an error; one that was lost is made
 * again, after 50 ms at first, then after longer pauses up to 5 s.
 */
export class Listener implements Stream<Notification>, SessionOwner, AsyncDisposable {
  readonly #settings: Settings
  readonly #listenText: string
  readonly #onReconnect: (() => void) | undefined
  readonly #onGone: () => void
  readonly #progress = new Bell()
  readonly #came: Notification[] = []
  #session: Session | null = null
  #timer: NodeJS.Timeout | undefined
  #delay = FIRST_DELAY
  #isStarted = false
  #isListening = false
  #wasListening = false
  #isClosed = false
  #error: unknown = null

  /** @internal */
  constructor(
    settings: Settings,
    channels: string | readonly string[],
    { onReconnect }: ListenOptions,
    onGone: () => void,
  ) {
    const names = typeof channels === 'string' ? [channels] : channels
    if (
      !Array.isArray(names) ||
      names.length === 0 ||
      names.some((name) => typeof name !== 'string' || name === '')
    ) {
      throw misuse('listen() takes the name of a channel, or an array of names.')
    }
    this.#settings = settings
    this.#listenText = names.map((name) => `listen "${name.replaceAll('"', '""')}"`).join('; ')
    this.#onReconnect = onReconnect
    this.#onGone = onGone
  }

  /** Whether the server sends notifications at this moment. */
  get listening(): boolean {
    return this.#isListening
  }

  /**
   * Listen, without waiting for a notification; what comes from then on is kept. A second call does nothing. A checkpoint.
   * @throws PostgresConnectionError or DatabaseError where that cannot be done; the listener is closed then
   */
  start(): Awaitable<void> {
    return call(start, this)
  }

  /**
   * The next notification, waiting for it; the end once it is closed. A checkpoint only where none has come. Cancelled: none
   * was taken.
   * @throws as `start`
   */
  next(): Awaitable<Step> {
    return call(nextNotification, this)
  }

  /** What a loop calls when it is left: as `close()`. */
  return(): Awaitable<Step> {
    return call(endListening, this)
  }

  /** Stop listening, and wait until the socket is closed. A second call does nothing. */
  close(): Awaitable<void> {
    return call(closeListener, this)
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Awaitable<void> {
    return this.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<Notification, undefined, undefined> {
    // `for await` takes whatever can be awaited; only its type asks for promises.
    return this as unknown as AsyncIterator<Notification, undefined, undefined>
  }

  // ---------------------------------------------------------------- for its coroutines

  /** @internal */
  *_start(): Coroutine {
    if (!this.#isStarted && !this.#isClosed) {
      this.#isStarted = true
      this.#connect()
    }
    while (!this.#wasListening && !this.#isClosed) yield* this.#progress.wait()
    if (this.#error !== null && !this.#wasListening) throw this.#error
  }

  /** @internal */
  *_next(): Coroutine<Notification | null> {
    yield* this._start()
    while (this.#came.length === 0 && !this.#isClosed) yield* this.#progress.wait()
    return this.#came.shift() ?? null
  }

  /** @internal */
  _shut(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isListening = false
    clearTimeout(this.#timer)
    this.#progress.ring()
    if (this.#session === null) this.#onGone()
    else this.#session.close()
  }

  /** @internal */
  *_whenGone(): Coroutine {
    while (this.#session !== null) yield* this.#progress.wait()
  }

  // ---------------------------------------------------------------- its connection

  #connect(): void {
    const session = new Session(this.#settings, this)
    this.#session = session
    session.client.on('notification', ({ channel, payload = '', processId }) => {
      this.#came.push({ channel, payload, processId })
      this.#progress.ring()
    })
    runDetached(connectSession, session)
  }

  /** @internal */
  sessionReady(session: Session): void {
    session.begin(new Listen(this.#listenText, (error) => this.#listened(session, error)))
  }

  #listened(session: Session, error: unknown): void {
    if (error !== null) {
      this.#error = isServerError(error) ? databaseError(error, this.#listenText) : error
      if (!this.#wasListening) this._shut()
      else session.close()
      return
    }
    const isAgain = this.#wasListening
    this.#isListening = this.#wasListening = true
    this.#delay = FIRST_DELAY
    this.#progress.ring()
    if (isAgain) this.#onReconnect?.()
  }

  /** @internal */
  sessionSettled(): void {}

  /** @internal */
  sessionLost(_: Session, error: Error): void {
    this.#isListening = false
    if (this.#isClosed) return
    this.#error ??= error
    this.#isClosed = !this.#wasListening
  }

  /** @internal */
  sessionGone(): void {
    this.#session = null
    this.#progress.ring()
    if (this.#isClosed) return this.#onGone()
    this.#timer = runDetached(setTimeout, () => this.#connect(), this.#delay)
    this.#delay = Math.min(LAST_DELAY, this.#delay * 2)
  }
}

/** The statement that begins it. */
class Listen implements Inquiry {
  error: unknown = null
  readonly #text: string
  readonly #onAnswer: (error: unknown) => void

  constructor(text: string, onAnswer: (error: unknown) => void) {
    this.#text = text
    this.#onAnswer = onAnswer
  }

  _submit(client: pg.Client): void {
    client.query(this.#text, (error: Error | null) => {
      this.error = error
    })
  }

  _answered(): void {
    this.#onAnswer(this.error)
  }

  _interrupt(): boolean {
    return false
  }
}

function connectSession(session: Session): void {
  session.connect()
}

function* start(listener: Listener): Coroutine {
  yield* listener._start()
}

function* nextNotification(listener: Listener): Coroutine<Step> {
  const value = yield* listener._next()
  return value === null ? { done: true, value: undefined } : { done: false, value }
}

function* endListening(listener: Listener): Coroutine<Step> {
  yield* closeListener(listener)
  return { done: true, value: undefined }
}

function* closeListener(listener: Listener): Coroutine {
  listener._shut()
  yield* listener._whenGone()
}
