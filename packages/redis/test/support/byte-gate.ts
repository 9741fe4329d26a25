/** A relay in front of a server that stops behind a given byte, of what is asked or of what is answered, until it is told to go on. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One way through the relay. */
class Lane {
  #left = Number.POSITIVE_INFINITY
  #held: Buffer[] = []
  #out: Socket | null = null
  #stopped: (() => void) | null = null

  through(from: Socket, to: Socket): void {
    this.#out = to
    from.on('data', (chunk: Buffer) => this.#pass(chunk))
  }

  /** Let so many bytes more pass. Returns a promise that settles when another one has come and is held. */
  stopAfter(bytes: number): Promise<void> {
    this.#left = bytes
    return new Promise((resolve) => {
      this.#stopped = resolve
    })
  }

  goOn(): void {
    this.#left = Number.POSITIVE_INFINITY
    for (const chunk of this.#held.splice(0)) this.#out?.write(chunk)
  }

  #pass(chunk: Buffer): void {
    const passing = chunk.subarray(0, this.#left)
    if (passing.length > 0) this.#out?.write(passing)
    this.#left -= passing.length
    if (passing.length === chunk.length) return
    this.#held.push(chunk.subarray(passing.length))
    this.#stopped?.()
  }
}

export class ByteGate {
  readonly asked = new Lane()
  readonly answered = new Lane()
  /** How many connections came: one, where none was given up. */
  connections = 0
  readonly #server
  readonly #sockets: Socket[] = []

  constructor(port: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      this.connections++
      const server = connect({ port, host: '127.0.0.1', noDelay: true })
      this.#sockets.push(client, server)
      for (const socket of [client, server]) socket.on('error', () => {})
      this.asked.through(client, server)
      this.answered.through(server, client)
    })
  }

  /** Returns the port to connect to. */
  async listen(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
