/**
 * A line server answers line by line; the end of the client's words is an
 * empty read, and leaving forEach over the reader.
 */
import { type Coroutine, forEach, run } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

const log: string[] = []

function* serve(reader: StreamReader, writer: StreamWriter): Coroutine {
  yield* forEach(reader, function* (line) {
    const text = line.toString().trimEnd()
    log.push(`heard ${text}`)
    writer.write(`${text} ${text}\n`)
    yield* writer.drain()
  })
  log.push('client left')
  writer.close()
  yield* writer.waitClosed()
}

function* main(): Coroutine {
  const server = yield* startServer(serve, '127.0.0.1', 0)
  const [reader, writer] = yield* openConnection('127.0.0.1', server.port)
  for (const word of ['hello', 'echo', 'adieu']) {
    writer.write(`${word}\n`)
    console.log('answer:', (yield* reader.readline()).toString().trimEnd())
  }
  writer.writeEof()
  console.log('rest:', (yield* reader.read()).length, 'at end', reader.atEof())
  writer.close()
  yield* writer.waitClosed()
  server.close()
  yield* server.waitClosed()
  console.log(log.join('\n'))
}

await run(main)
