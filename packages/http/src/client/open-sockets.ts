/** The websockets of a session, and those that are being opened: they end with it. */
import type { Awaitable } from 'polvo'
import { Bell, done } from '../wake-up.ts'

export interface OpenSocket {
  /** End in an orderly way. */
  goAway(): void
  /** End at once. */
  abort(): void
}

export class OpenSockets {
  private readonly sockets = new Set<OpenSocket>()
  private readonly quiet = new Bell()

  get size(): number {
    return this.sockets.size
  }

  add(socket: OpenSocket): void {
    this.sockets.add(socket)
  }

  delete(socket: OpenSocket): void {
    this.sockets.delete(socket)
    if (this.sockets.size === 0) this.quiet.ring()
  }

  goAway(): void {
    for (const socket of [...this.sockets]) socket.goAway()
  }

  abort(): void {
    for (const socket of [...this.sockets]) socket.abort()
  }

  /** Wait until there is none. */
  whenQuiet(): Awaitable<void> {
    return this.sockets.size === 0 ? done(undefined) : this.quiet.wait()
  }
}
