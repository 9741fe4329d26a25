/** A web server of Hono on its server for Node. Fair: handlers as in its guide. */
import { serve as serveHono } from '@hono/node-server'
import { Hono } from 'hono'

export function serve(whenListening: (port: number) => void): undefined {
  const app = new Hono()
  app.get('/', (context) => context.text('Hello, world!'))
  app.get('/json', (context) => context.json({ message: 'Hello, world!', tags: ['a', 'b'], count: 3 }))
  app.get('/hello/:name', (context) => context.text(`Hello, ${context.req.param('name')}!`))
  serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => whenListening(port))
}
