/**
 * Servers on loopback for one test each: they count their connections, and are closed when the test is over.
 */
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { afterEach } from 'vitest'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Have `cleanup` run when the test is over; the latest first. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

export interface TestServer {
  readonly url: string
  readonly port: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** Those that are open now. */
  readonly open: Set<Socket>
  /** What has been asked, as `GET /path`. */
  readonly asked: string[]
  /** Wait until so many connections are open. */
  untilOpen(count: number): Promise<void>
  /** Wait until so many requests have come. */
  untilAsked(count: number): Promise<void>
}

/** A server of node:http. */
export async function httpServer(
  handler: (request: http.IncomingMessage, response: http.ServerResponse) => unknown,
): Promise<TestServer> {
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    // A client that hangs up is what many of these tests are about.
    Promise.resolve(handler(request, response)).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  return watch(server, asked)
}

/** A server that talks bytes. */
export async function rawServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const server = net.createServer({ allowHalfOpen: true }, onConnection)
  return watch(server, [])
}

/** A server that answers every request with the bytes `answer`, and leaves the connection open. */
export function cannedServer(answer: string | Buffer, then?: (socket: Socket) => void): Promise<TestServer> {
  return rawServer((socket) => {
    socket.on('data', () => {
      socket.write(answer)
      then?.(socket)
    })
  })
}

async function watch(server: net.Server, asked: string[]): Promise<TestServer> {
  const open = new Set<Socket>()
  let accepted = 0
  server.on('connection', (socket: Socket) => {
    accepted++
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    socket.on('end', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    open,
    asked,
    get accepted() {
      return accepted
    },
    untilOpen: (count) =>
      until(
        () => open.size === count,
        () => `${open.size} connections are open, not ${count}`,
      ),
    untilAsked: (count) =>
      until(
        () => asked.length >= count,
        () => `${asked.length} requests came, not ${count}`,
      ),
  }
}

/** Wait until `isSo`, for at most two seconds. */
export async function until(
  isSo: () => boolean,
  what: () => string = () => 'it did not come to that',
): Promise<void> {
  const deadline = performance.now() + 2000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`After 2 s ${what()}.`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** The body of what a server received. */
export async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** A port nobody listens on. */
export async function deadPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
