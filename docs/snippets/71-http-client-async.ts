import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ClientMiddleware, ClientResponseError, ClientSession } from '@polvo/http'
import { run, TimeoutError, timeout } from 'polvo'

let asked = 0
const server = createServer((request, response) => {
  if (request.url === '/never') return
  if (request.url === '/busy' && ++asked < 3) response.statusCode = 503
  if (request.url === '/missing') response.statusCode = 404
  response.end(`hello ${request.headers['x-name']}`)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

const withName: ClientMiddleware = async (request, next) => {
  request.headers.set('x-name', 'ida')
  return await next(request)
}

await run(async () => {
  await using session = new ClientSession({
    baseUrl: `http://127.0.0.1:${port}`,
    middlewares: [withName],
    retry: { attempts: 3, delay: 10 },
  })

  await using response = await session.get('/busy')
  console.log(await response.text(), 'at attempt', asked)

  try {
    await session.get('/missing', { raiseForStatus: true })
  } catch (error) {
    if (error instanceof ClientResponseError) console.log(error.status, error.reason)
  }

  try {
    await timeout(50, () => session.get('/never'))
  } catch (error) {
    const { connections, idle } = session.stats()
    if (error instanceof TimeoutError) console.log('too slow; connections in use:', connections - idle)
  }
})
server.closeAllConnections()
server.close()
