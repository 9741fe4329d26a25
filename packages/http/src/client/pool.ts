/**
 * The connections of a session: how many there may be, who waits for one, which are kept for later.
 *
 * | a connection | counts for the limits | next                                          |
 * |--------------|-----------------------|-----------------------------------------------|
 * | busy         | yes                   | idle (the exchange ended well), gone          |
 * | idle         | yes                   | busy, gone (lost, or its place is needed)     |
 * | gone         | no                    | –                                             |
 *
 * Invariant: nobody stands in line who could go, unless `#serve` is on its way; so a newcomer that can go
 * overtakes nobody. Connections are made and given their exchanges outside any task's async context.
 */
import type { Awaitable } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import { Line } from '../line.ts'
import { Bell, done } from '../wake-up.ts'
import type { Connection, Connections, Passenger } from './connection.ts'
import type { RequestInfo } from './errors.ts'
import type { Route } from './route.ts'

export interface PoolLimits {
  /** How many connections there may be; Infinity for any number. */
  readonly limit: number
  readonly limitPerHost: number
}

/** A snapshot of a session's connections. */
export interface ConnectionStats {
  /** Connections that there are, or that are being made. */
  readonly connections: number
  /** Those of them that carry no request and are kept for the next one. */
  readonly idle: number
  /** Requests that wait for a connection. */
  readonly waiting: number
}

interface Host {
  readonly idle: Connection[]
  connections: number
}

export class ConnectionPool {
  readonly #maker: Connections
  readonly #limits: PoolLimits
  readonly #hosts = new Map<string, Host>()
  readonly #line = new Line<Passenger>()
  readonly #connections = new Set<Connection>()
  #idle = 0
  /** Sockets that were told to close and are not closed yet. */
  #closing = 0
  #isServeQueued = false
  #isShut = false
  readonly #quiet = new Bell()

  constructor(maker: Connections, limits: PoolLimits) {
    this.#maker = maker
    this.#limits = limits
  }

  /** It takes nothing more. */
  get isShut(): boolean {
    return this.#isShut
  }

  get stats(): ConnectionStats {
    return { connections: this.#connections.size, idle: this.#idle, waiting: this.#line.length }
  }

  // ---------------------------------------------------------------- exchanges come and go

  /** Give `passenger` a connection as soon as one is free for it. */
  enter(passenger: Passenger): void {
    const connection = this.#isServeQueued ? null : this.#take(passenger.route)
    if (connection === null) this.#line.join(passenger)
    else this.#start(passenger, connection)
  }

  /** It gives up before it got a connection. */
  leave(passenger: Passenger): void {
    this.#line.leave(passenger)
  }

  /** The exchange is over, and its connection as good as before. */
  release(connection: Connection): void {
    if (this.#isShut) return this.#remove(connection)
    connection.passenger = null
    connection.isUsed = true
    this.#hostOf(connection.route.key).idle.push(connection)
    this.#idle++
    this.#serveSoon()
  }

  /** The exchange is over, and nobody knows what its connection would say next. */
  discard(connection: Connection): void {
    this.#remove(connection)
  }

  /** Those that are kept for `route` may be as dead as one that just proved to be. */
  dropIdle({ key }: Route): void {
    const idle = this.#hosts.get(key)?.idle
    for (let one = idle?.at(-1); one !== undefined; one = idle?.at(-1)) this.#lost(one)
  }

  #start(passenger: Passenger, connection: Connection): void {
    connection.passenger = passenger
    passenger._carriedBy(connection)
  }

  #serveSoon(): void {
    if (this.#line.length === 0 || this.#isServeQueued) return
    this.#isServeQueued = true
    // In a microtask: undici may still be in the middle of the response whose end made room.
    runDetached(queueMicrotask, this.#serve)
  }

  readonly #serve = (): void => {
    this.#isServeQueued = false
    for (let passenger = this.#line.first; passenger !== null; ) {
      if (this.#idle === 0 && this.#connections.size >= this.#limits.limit) return
      const { _behind: next } = passenger
      const connection = this.#take(passenger.route)
      if (connection !== null) {
        this.#line.leave(passenger)
        this.#start(passenger, connection)
      }
      passenger = next
    }
  }

  // ---------------------------------------------------------------- connections

  /**
   * A connection that may be used now: an idle one, the warmest first; else a new one, if the limits leave
   * room.
   */
  #take(route: Route): Connection | null {
    const host = this.#hosts.get(route.key)
    const warm = host?.idle.pop()
    if (warm !== undefined) {
      this.#idle--
      return warm
    }
    if (host !== undefined && host.connections >= this.#limits.limitPerHost) return null
    if (this.#connections.size >= this.#limits.limit && !this.#giveUpIdle()) return null
    const connection = this.#maker.open(route, this.#lost)
    this.#connections.add(connection)
    this.#hostOf(route.key).connections++
    return connection
  }

  /** End an idle connection to another host, so that there is room for one. */
  #giveUpIdle(): boolean {
    for (const { idle } of this.#hosts.values()) {
      const [coldest] = idle
      if (coldest === undefined) continue
      this.#lost(coldest)
      return true
    }
    return false
  }

  readonly #lost = (connection: Connection): void => {
    const { idle } = this.#hostOf(connection.route.key)
    idle.splice(idle.indexOf(connection), 1)
    this.#idle--
    this.#remove(connection)
  }

  #remove(connection: Connection): void {
    const host = this.#hostOf(connection.route.key)
    if (--host.connections === 0) this.#hosts.delete(connection.route.key)
    this.#connections.delete(connection)
    this.#closing++
    connection.destroy(() => {
      this.#closing--
      if (this.#isQuiet) this.#quiet.ring()
    })
    this.#serveSoon()
  }

  #hostOf(key: string): Host {
    let host = this.#hosts.get(key)
    if (host === undefined) {
      host = { idle: [], connections: 0 }
      this.#hosts.set(key, host)
    }
    return host
  }

  // ---------------------------------------------------------------- the end

  /**
   * Take nothing more: who waits in line is refused, idle connections are ended. A second call does nothing.
   */
  shut(refusal: (request: RequestInfo) => unknown): void {
    this.#isShut = true
    for (let waiting = this.#line.first; waiting !== null; waiting = this.#line.first) {
      waiting.abort(refusal(waiting))
    }
    for (const { idle } of [...this.#hosts.values()])
      for (const connection of [...idle]) this.#lost(connection)
  }

  /** End what is under way. */
  abortAll(refusal: (request: RequestInfo) => unknown): void {
    for (const { passenger } of this.#connections) passenger?.abort(refusal(passenger))
  }

  /** Wait until there are no connections left, and every socket is closed. */
  whenQuiet(): Awaitable<void> {
    return this.#isQuiet ? done(undefined) : this.#quiet.wait()
  }

  get #isQuiet(): boolean {
    return this.#connections.size === 0 && this.#closing === 0
  }
}
