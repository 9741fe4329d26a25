/**
 * The server of the http-client rows, in a process of its own: `node http-origin.ts`. It answers every request with a short
 * text, prints its port, and ends when its input does.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 5 })
  response.end('hello')
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
process.stdin.resume().on('end', () => process.exit())
