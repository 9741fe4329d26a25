/** A web server of node:http alone. Fair: the routes are compared by hand, and each answer says its length; it cannot be done with less. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

function answer(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, ['content-type', type, 'content-length', String(Buffer.byteLength(body))])
  response.end(body)
}

export function serve(whenListening: (port: number) => void): undefined {
  const server = createServer((request, response) => {
    const url = request.url as string
    if (url === '/') return answer(response, 'text/plain; charset=utf-8', 'Hello, world!')
    if (url === '/json') {
      const body = JSON.stringify({ message: 'Hello, world!', tags: ['a', 'b'], count: 3 })
      return answer(response, 'application/json; charset=utf-8', body)
    }
    const name = decodeURIComponent(url.slice('/hello/'.length))
    answer(response, 'text/plain; charset=utf-8', `Hello, ${name}!`)
  })
  server.listen(0, '127.0.0.1', () => whenListening((server.address() as AddressInfo).port))
}
