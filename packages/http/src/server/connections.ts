/**
 * The connections of a server: which are in use, so that the others can be closed when it stops. Node's own way of closing idle ones
 * also cuts off responses that are written, and not sent yet.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Awaitable } from 'polvo'
import { Bell, done } from '../wake-up.ts'

export class Connections {
  /** With the response each is sending, or has sent last. */
  readonly #last = new Map<Socket, ServerResponse | null>()
  readonly #handshaking = new Map<string, Socket>()
  readonly #none = new Bell()
  #isClosing = false

  get size(): number {
    return this.#last.size
  }

  opened(socket: Socket): void {
    this.#handshaking.delete(peerOf(socket))
    this.#last.set(socket, null)
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

  responding(socket: Socket, outgoing: ServerResponse): void {
    this.#last.set(socket, outgoing)
    if (this.#isClosing) this.#closeAfter(socket, outgoing)
  }

  /** The connection speaks another protocol from now on, whose owner closes it. */
  upgraded(socket: Socket): void {
    this.#forget(socket)
  }

  #forget(socket: Socket): void {
    this.#last.delete(socket)
    if (this.#last.size === 0) this.#none.ring()
  }

  /** Wait until there is none. */
  whenNone(): Awaitable<void> {
    return this.#last.size === 0 ? done(undefined) : this.#none.wait()
  }

  /** Close those that nobody uses, and the others once their response is sent. */
  closeIdle(): void {
    this.#isClosing = true
    for (const socket of this.#handshaking.values()) socket.destroy()
    for (const [socket, outgoing] of this.#last) {
      if (outgoing === null || isSent(outgoing)) socket.destroy()
      else this.#closeAfter(socket, outgoing)
    }
  }

  #closeAfter(socket: Socket, outgoing: ServerResponse): void {
    outgoing.once('close', () => {
      if (this.#last.get(socket) === outgoing) socket.destroySoon()
    })
  }

  closeAll(): void {
    for (const socket of this.#handshaking.values()) socket.destroy()
    for (const socket of this.#last.keys()) socket.destroy()
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function isSent(outgoing: ServerResponse): boolean {
  return outgoing.closed || outgoing.writableFinished
}
