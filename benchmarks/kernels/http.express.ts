/** A web server of Express. Fair: without the hashes of the bodies and the header that tells its name, which the others do not send. */
import type { AddressInfo } from 'node:net'
import express from 'express'

export function serve(whenListening: (port: number) => void): undefined {
  const app = express().disable('etag').disable('x-powered-by')
  app.get('/', (_, response) => void response.type('text').send('Hello, world!'))
  app.get(
    '/json',
    (_, response) => void response.json({ message: 'Hello, world!', tags: ['a', 'b'], count: 3 }),
  )
  app.get('/hello/:name', ({ params }, response) => void response.type('text').send(`Hello, ${params.name}!`))
  const server = app.listen(0, '127.0.0.1', () => whenListening((server.address() as AddressInfo).port))
}
