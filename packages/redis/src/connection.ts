/**
 * One connection to a server, and the line of what is to be sent on it.
 *
 * | state      | is true                                               | next                            | moved by        |
 * |------------|-------------------------------------------------------|---------------------------------|-----------------|
 * | idle       | there is no socket                                    | connecting (somebody has come)  | enter           |
 * | connecting | the driver connects and shakes hands                  | ready, paused, idle (gave up)   | the driver      |
 * | paused     | an attempt has failed, a timer runs to the next one   | connecting, idle (nobody waits) | the timer       |
 * | ready      | commands go out, replies come in                      | idle (lost)                     | the driver      |
 * | closed     | nothing is taken any more                             | –                               | close, destroy  |
 *
 * What stands in line was not sent: it can leave without a trace, and survives the loss of the connection. What was sent is in the
 * driver's queue until its reply has come, in the order of the wire, though its owner may be gone. A pass of the loop writes its
 * commands in one piece. While the socket is full nothing more is sent, so that as much as possible can still be dropped.
 *
 * Sockets and timers are made outside any task's async context.
 */
import type { Cluster, Redis } from 'ioredis'
import type { Awaitable } from 'polvo'
import { InvalidStateError } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import type { Endpoint } from './endpoint.ts'
import { connectError, isFinal, type RedisError } from './errors.ts'
import { type InLine, Line } from './line.ts'
import { Bell, done } from './wake-up.ts'
import { Outbound, type Owner, Sent } from './wire.ts'

/** What stands in line: a command, or several that go out in one piece. */
export interface Outgoing extends InLine<Outgoing> {
  /** It is its turn: hand its commands over with `carrier.send()`. */
  _goOut(carrier: Carrier): void
  /** It will not be sent, and was not. */
  _refused(error: unknown): void
}

/** What carries commands: a connection, or the connections of a cluster. */
export interface Carrier {
  /** What its errors call it. */
  readonly address: string
  readonly keyPrefix: string
  /** Whether commands like this one are sent again when the connection is lost before their answer. */
  resends(name: string): boolean
  /** Get in line. @throws InvalidStateError once it is closed */
  enter(outgoing: Outgoing): void
  /** Leave the line. Nothing happens when it does not stand there. */
  leave(outgoing: Outgoing): void
  /** Stand at the head of the line again: it was sent, or was to be, and was lost. */
  rejoin(outgoing: Outgoing): void
  send(sent: Sent): void
  /** Send what belongs together: a transaction. */
  sendTogether(sents: readonly Sent[]): void
  /** A reply has come, or will not come. */
  settled(): void
  /** Why the connection was lost, where that is known better than by `cause`. */
  causeOf(cause: unknown): unknown
}

const IDLE = 0
const CONNECTING = 1
const PAUSED = 2
const READY = 3
const CLOSED = 4

/** So much is given to the socket at once. */
const CHUNK = 65_536
const FIRST_DELAY = 20
const LONGEST_DELAY = 1000

/** A connection of the driver, or its connections to the nodes of a cluster. */
export type Driver = Redis | Cluster

export class Connection implements Carrier {
  readonly address: string
  readonly keyPrefix: string
  protected readonly endpoint: Endpoint
  private readonly line = new Line<Outgoing>()
  /** Of what was sent and lost: goes before the line, in the order it was sent. */
  private readonly lost: Outgoing[] = []
  private readonly outbound = new Outbound()
  private readonly quiet = new Bell()
  private readonly gone = new Bell()
  private state: typeof IDLE | typeof CONNECTING | typeof PAUSED | typeof READY | typeof CLOSED = IDLE
  protected driver: Driver | null = null
  private readonly reconnects: boolean
  /** It was lost, and is not made again. */
  isBroken = false
  private isShut = false
  private isFlushQueued = false
  private isProbing = false
  /** It takes no more for now. */
  private fullStream: Redis['stream'] | null = null
  protected inFlight = 0
  private failure: unknown = null
  private attempts = 0
  private giveUpAt = 0
  private lastUse = 0
  private timer: NodeJS.Timeout | null = null

  /** @param reconnects false: when it is lost, it is broken for good, since what the server knew of it is lost too */
  constructor(endpoint: Endpoint, reconnects = true) {
    this.endpoint = endpoint
    this.reconnects = reconnects
    this.address = endpoint.address
    this.keyPrefix = endpoint.keyPrefix
  }

  get isReady(): boolean {
    return this.state === READY
  }

  /** Nothing was sent whose reply is still to come, and nobody waits. */
  get isQuiet(): boolean {
    return this.load === 0
  }

  /** How many commands and batches stand in line. */
  protected get waiting(): number {
    return this.line.length + this.lost.length
  }

  /** How many commands stand in line or wait for their reply. */
  get load(): number {
    return this.inFlight + this.waiting
  }

  // ---------------------------------------------------------------- the line

  resends(name: string): boolean {
    return this.reconnects && this.state !== CLOSED && this.endpoint.resends(name)
  }

  enter(outgoing: Outgoing): void {
    if (this.isShut || this.state === CLOSED) throw closedError(this.address)
    if (this.isBroken) throw connectError(this.address, this.failure ?? 'it was lost')
    this.line.join(outgoing)
    this.flushSoon()
  }

  leave(outgoing: Outgoing): void {
    const at = this.lost.length === 0 ? -1 : this.lost.indexOf(outgoing)
    if (at >= 0) this.lost.splice(at, 1)
    else this.line.leave(outgoing)
  }

  rejoin(outgoing: Outgoing): void {
    if (this.state === CLOSED) return outgoing._refused(closedError(this.address))
    this.lost.push(outgoing)
    this.flushSoon()
  }

  protected flushSoon(): void {
    if (this.isFlushQueued) return
    this.isFlushQueued = true
    runDetached(setImmediate, this.flush)
  }

  protected readonly flush = (): void => {
    this.isFlushQueued = false
    if (this.state === IDLE && !this.isQuiet) this.connect()
    const { driver } = this
    if (this.state !== READY || driver === null || this.isProbing || driver.status !== 'ready') return
    this.write(driver)
  }

  /** Send what stands in line, as far as the socket takes it. */
  protected write(driver: Driver): void {
    const { stream } = driver as Redis
    // It is lost, and the driver will say so: what it is given now comes back at once, for ever.
    if (!stream.writable) return
    const now = performance.now()
    const isFresh = this.inFlight > 0 || now - this.lastUse < this.endpoint.healthCheckInterval
    this.lastUse = now
    if (!isFresh) return this.probe(stream)
    for (let next = this.next(); next !== null && stream.writable; ) {
      if (stream.writableNeedDrain) return this.waitForRoom(stream)
      while (next !== null && this.outbound.size < CHUNK) {
        this.leave(next)
        next._goOut(this)
        next = this.next()
      }
      if (this.outbound.size > 0) stream.write(this.outbound.take())
    }
  }

  private waitForRoom(stream: Redis['stream']): void {
    if (this.fullStream === stream) return
    this.fullStream = stream
    stream.once('drain', () => {
      this.fullStream = null
      this.flush()
    })
  }

  causeOf(cause: unknown): unknown {
    if (this.state === CLOSED) return 'the client was closed'
    return this.failure ?? cause
  }

  protected next(): Outgoing | null {
    return this.lost.length > 0 ? (this.lost[0] as Outgoing) : this.line.first
  }

  send(sent: Sent): void {
    this.inFlight++
    ;(this.driver as Redis).sendCommand(sent as never, this.outbound as never)
  }

  sendTogether(sents: readonly Sent[]): void {
    for (const sent of sents) this.send(sent)
  }

  settled(): void {
    if (--this.inFlight === 0 && this.isQuiet) this.quiet.ring()
  }

  /** Ask whether the server is still there before anything is sent that could be lost. */
  private probe(stream: Redis['stream']): void {
    this.isProbing = true
    const over = () => {
      clearTimeout(timer)
      this.isProbing = false
      this.settled()
      this.flushSoon()
    }
    const timer = setTimeout(() => stream.destroy(), this.endpoint.connectTimeout)
    const owner: Owner = { _answered: over, _refusedBy: over, _lost: over }
    this.send(new Sent(owner, 'ping', [], null, ''))
    stream.write(this.outbound.take())
  }

  // ---------------------------------------------------------------- the socket

  private connect(): void {
    if (this.attempts === 0) this.giveUpAt = performance.now() + this.endpoint.reconnectWithin
    this.attempts++
    this.state = CONNECTING
    this.failure = null
    runDetached(open, this)
  }

  protected open(): Driver {
    const driver = this.endpoint.open()
    this.outbound.destination = { redis: driver }
    return driver
  }

  /** @internal */
  _open(): void {
    const driver = this.open()
    this.driver = driver
    driver.on('error', (error: unknown) => {
      this.failure ??= error
    })
    driver.once('end', () => this.ended(driver))
    this.endpoint.connect(driver).then(
      () => this.opened(driver),
      (error: unknown) => {
        this.failure ??= error
      },
    )
  }

  private opened(driver: Driver): void {
    if (this.driver !== driver || this.state !== CONNECTING) return
    this.state = READY
    this.attempts = 0
    this.failure = null
    this.lastUse = performance.now()
    this.flush()
  }

  private ended(driver: Driver): void {
    if (this.driver !== driver) return
    this.driver = null
    this.outbound.take()
    if (this.state === CLOSED) return this.gone.ring()
    const wasReady = this.state === READY
    this.state = IDLE
    if (wasReady && this.reconnects) return this.isQuiet ? undefined : this.flushSoon()
    if (wasReady) {
      this.isBroken = true
      return this.refuseAll(connectError(this.address, this.failure ?? 'it was lost'))
    }
    const error = connectError(this.address, this.failure)
    const delay = Math.min(FIRST_DELAY * 2 ** (this.attempts - 1), LONGEST_DELAY) * (0.5 + Math.random() / 2)
    if (isFinal(error) || performance.now() + delay > this.giveUpAt) return this.giveUp(error)
    this.state = PAUSED
    this.timer = setTimeout(() => {
      this.state = IDLE
      // Whoever comes now has all the time again.
      if (this.isQuiet) this.attempts = 0
      this.flush()
    }, delay)
  }

  /** Whoever waits hears of it; who comes later begins anew. */
  protected giveUp(error: RedisError): void {
    this.attempts = 0
    this.refuseAll(error)
  }

  private refuseAll(error: unknown): void {
    for (let next = this.next(); next !== null; next = this.next()) {
      this.leave(next)
      next._refused(error)
    }
    if (this.isQuiet) this.quiet.ring()
  }

  // ---------------------------------------------------------------- the end

  /** Take nothing more; what is here already goes on. */
  shut(): void {
    this.isShut = true
  }

  /** Wait until there is nothing in line and every reply has come. */
  whenQuiet(): Awaitable<void> {
    return this.isQuiet ? done(undefined) : this.quiet.wait()
  }

  /** Close it at once: what was not answered fails. What is returned is done when the socket is closed. */
  destroy(): Awaitable<void> {
    const { driver } = this
    if (this.state !== CLOSED) {
      this.state = CLOSED
      if (this.timer !== null) clearTimeout(this.timer)
      this.refuseAll(closedError(this.address))
      if (driver !== null) runDetached(hangUp, driver)
    }
    return this.driver === null ? done(undefined) : this.gone.wait()
  }
}

function open(connection: Connection): void {
  connection._open()
}

function hangUp(driver: Driver): void {
  driver.disconnect()
  for (const { stream } of 'nodes' in driver ? driver.nodes() : [driver]) stream?.destroy()
}

function closedError(address: string): InvalidStateError {
  return new InvalidStateError(`${address}: the client is closed; make a new one.`)
}
