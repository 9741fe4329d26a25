/** A proxy for HTTP, written with node:http: it forwards requests, and tunnels with CONNECT. */
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import { cert, key } from '../../../core/test/support/certificate.ts'
import { afterTest } from './servers.ts'

export interface TestProxy {
  readonly url: string
  readonly port: number
  /** What it was asked for, as `GET http://host/` and `CONNECT host:port`. */
  readonly asked: string[]
  /** Sockets that are open: to it, and from it. */
  readonly open: Set<Socket>
}

export interface ProxyOptions {
  /** Ask for `user:password`. */
  credentials?: string
  isSecure?: boolean
  /** In place of an answer to CONNECT. */
  onConnect?: (socket: Socket) => void
}

export async function startProxy({
  credentials,
  isSecure = false,
  onConnect,
}: ProxyOptions = {}): Promise<TestProxy> {
  const asked: string[] = []
  const open = new Set<Socket>()
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
  const isAllowed = ({ headers }: http.IncomingMessage) =>
    expected === undefined || headers['proxy-authorization'] === expected
  const server = isSecure ? https.createServer({ key, cert }) : http.createServer()
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (!isAllowed(request)) return void response.writeHead(407).end('proxy says no')
    const { 'proxy-authorization': _, ...headers } = request.headers
    const onward = http.request(
      request.url as string,
      { method: request.method as string, headers },
      (answer) => {
        response.writeHead(answer.statusCode as number, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.on('connect', (request: http.IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`)
    if (onConnect !== undefined) {
      socket.on('end', () => socket.end()).resume()
      return onConnect(socket)
    }
    if (!isAllowed(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const { hostname, port } = new URL(`http://${request.url}`)
    const onward = net.connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    watch(onward)
    onward.on('error', () => socket.destroy())
    onward.on('close', () => socket.destroySoon())
    socket.on('close', () => onward.destroy())
  })
  const watch = (socket: Socket): void => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  }
  server.on('connection', watch)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const authority = `${isSecure ? 'localhost' : '127.0.0.1'}:${port}`
  return { url: `${isSecure ? 'https' : 'http'}://${authority}`, port, asked, open }
}
