import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ClientSession } from '@polvo/http'
import { forEach, map, run, use } from 'polvo'

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ asked: request.url }))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

await run(function* () {
  const session = new ClientSession({ baseUrl: `http://127.0.0.1:${port}`, timeout: 10_000 })
  yield* use(session, function* () {
    const answers = yield* map(
      ['/one', '/two', '/three'],
      (path) => use(session.get(path, { params: { q: 'x y' } }), (response) => response.json()),
      { concurrency: 2 },
    )
    console.log(answers)

    yield* use(session.get('/big'), function* (response) {
      console.log(response.status, response.headers.get('content-type'))
      yield* forEach(response, function* (chunk) {
        console.log(chunk.length, 'bytes')
      })
    })
  })
})
server.close()
