import { use } from 'polvo'
import { memoryNetwork, runVirtual } from 'polvo/testing'

await runVirtual(function* () {
  const network = memoryNetwork({ latency: [20, 200], chunk: 1, loseAfter: 8, seed: 3 })
  const server = network.startServer(function* (reader, writer) {
    writer.write(yield* reader.readline())
  })
  try {
    yield* use(network.openConnection('127.0.0.1', server.port), function* ([reader, writer]) {
      writer.write('hello\n')
      console.log('answer:', String(yield* reader.readline()).trim())
    })
  } catch (error) {
    console.log(String(error))
  }
  server.close()
  yield* server.waitClosed()
})
