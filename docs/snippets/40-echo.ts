import { forEach, run, use } from 'polvo'
import { openConnection, startServer } from 'polvo/node'

await run(function* () {
  const server = yield* startServer(function* (reader, writer) {
    yield* forEach(reader, function* (line) {
      writer.write(line)
      yield* writer.drain()
    })
    console.log('the client has left')
  }, '127.0.0.1')

  yield* use(openConnection('127.0.0.1', server.port), function* ([reader, writer]) {
    for (const word of ['hello', 'world']) {
      writer.write(`${word}\n`)
      console.log(String(yield* reader.readline()).trim())
    }
  })

  server.close()
  yield* server.waitClosed()
})
