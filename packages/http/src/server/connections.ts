/**
 * The connections of a server: which are in use, so that the others can be closed when it stops. Node's own way of closing idle ones
 * also cuts off responses that are written, and not sent yet.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Awaitable } from 'polvo'
import { Bell, done } from '../wake-up.ts'

export class Connections {
  readonly #open = new Set<Socket>()
  readonly #handshaking = new Map<string, Socket>()
  readonly #none = new Bell()

  get size(): number {
    return this.#open.size
  }

  opened(socket: Socket): void {
    this.#handshaking.delete(peerOf(socket))
    this.#open.add(socket)
    socket.once('close', () => this.#forget(socket))
  }

  /** A connection is to become a secure one, which is another object, of the same peer. */
  beginsHandshake(socket: Socket): void {
    const peer = peerOf(socket)
    this.#handshaking.set(peer, socket)
    socket.once('close', () => {
      if (this.#handshaking.get(peer) === socket) this.#handshaking.delete(peer)
    })
  }

  /** The connection speaks another protocol from now on, whose owner closes it. */
  upgraded(socket: Socket): void {
    this.#forget(socket)
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket)
    if (this.#open.size === 0) this.#none.ring()
  }

  /** Wait until there is none. */
  whenNone(): Awaitable<void> {
    return this.#open.size === 0 ? done(undefined) : this.#none.wait()
  }

  /** Close those that nobody uses, and the others once their response is sent. */
  closeIdle(): void {
    for (const socket of this.#handshaking.values()) socket.destroy()
    for (const socket of this.#open) closeWhenIdle(socket)
  }

  closeAll(): void {
    for (const socket of this.#handshaking.values()) socket.destroy()
    for (const socket of this.#open) socket.destroy()
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

/** What node:http notes at a socket: the response that has not been sent to its end. To note it once more would cost each request. */
interface HttpSocket extends Socket {
  _httpMessage?: ServerResponse | null
}

/** When a response is closed, the next one has taken its place, where requests came without waiting. */
function closeWhenIdle(socket: HttpSocket): void {
  const { _httpMessage: outgoing = null } = socket
  if (outgoing === null) socket.destroy()
  else outgoing.once('close', () => closeWhenIdle(socket))
}
