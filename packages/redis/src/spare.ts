/**
 * The connections beside the shared one, for what needs one of its own: blocking commands, watched keys, sessions. So many at
 * once; who comes first is served first. One that may be dirty, because what was asked on it was not answered, is ended and
 * never handed on.
 */
import { type Coroutine, InvalidStateError, Semaphore } from 'polvo'
import { runDetached } from 'polvo/lowlevel'
import { Connection } from './connection.ts'
import type { Endpoint } from './endpoint.ts'

const KEEP_IDLE = 30_000

export class SpareConnections {
  readonly #limit: number
  readonly #places: Semaphore
  readonly #idle = new Map<Connection, NodeJS.Timeout>()
  readonly #all = new Set<Connection>()
  #isShut = false

  constructor(limit: number) {
    this.#limit = limit
    this.#places = new Semaphore(limit)
  }

  get stats(): { connections: number; idle: number; limit: number } {
    return { connections: this.#all.size, idle: this.#idle.size, limit: this.#limit }
  }

  /** A connection for one user, whose `giveBack` has to be called. A checkpoint where all are in use. */
  *take(endpoint: Endpoint): Coroutine<Connection> {
    yield* this.#places.acquire()
    if (this.#isShut) {
      this.#places.release()
      throw new InvalidStateError(`${endpoint.address}: the client is closed; make a new one.`)
    }
    for (const [connection, timer] of this.#idle) {
      if (connection.address !== endpoint.address) continue
      clearTimeout(timer)
      this.#idle.delete(connection)
      if (!connection.isBroken) return connection
      this.#all.delete(connection)
    }
    const connection = new Connection(endpoint, false)
    this.#all.add(connection)
    return connection
  }

  /** @param isClean every command of it was answered, and it is as good as new */
  giveBack(connection: Connection, isClean: boolean): void {
    this.#places.release()
    if (isClean && !this.#isShut && connection.isReady && connection.isQuiet) {
      const timer = runDetached(setTimeout, () => this.#end(connection), KEEP_IDLE)
      timer.unref()
      this.#idle.set(connection, timer)
    } else this.#end(connection)
  }

  #end(connection: Connection): void {
    const timer = this.#idle.get(connection)
    clearTimeout(timer)
    this.#idle.delete(connection)
    this.#all.delete(connection)
    connection.destroy()
  }

  /** End all of them, and hand out no more. */
  *close(): Coroutine {
    this.#isShut = true
    for (const timer of this.#idle.values()) clearTimeout(timer)
    this.#idle.clear()
    for (const connection of [...this.#all]) {
      this.#all.delete(connection)
      yield* connection.destroy()
    }
  }
}
