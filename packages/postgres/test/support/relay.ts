/**
 * A relay in front of a server that can go dark while connections are open: nothing passes, in either direction, and nobody is
 * told. (The fault proxy of polvo/testing strikes connections when they begin.)
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Relay {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isDark = false

  static async to(port: number): Promise<Relay> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Relay(server, port)
  }

  private constructor(server: Server, target: number) {
    this.#server = server
    this.port = (server.address() as { port: number }).port
    server.on('connection', (client) => {
      const upstream = connect(target, '127.0.0.1')
      this.#join(client, upstream)
      this.#join(upstream, client)
    })
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('data', (bytes) => to.write(bytes))
    from.on('end', () => to.end())
    from.on('error', () => {})
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
    if (this.#isDark) from.pause()
  }

  /** Let nothing pass, or everything again, what has been waiting first. */
  set isDark(isDark: boolean) {
    this.#isDark = isDark
    for (const socket of this.#sockets) {
      if (isDark) socket.pause()
      else socket.resume()
    }
  }

  /** Reset every connection, on both sides. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
