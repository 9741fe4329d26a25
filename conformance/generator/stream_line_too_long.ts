/**
 * readuntil refuses a line over the limit and leaves it in place, to be read
 * otherwise; readline refuses it and throws it away.
 */
import { type Coroutine, LimitOverrunError, run, sleep } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

function* serve(reader: StreamReader, writer: StreamWriter): Coroutine {
  writer.write(`short\n${'x'.repeat(20)}\nnext\n${'y'.repeat(20)}\nlast\n`)
  yield* writer.drain()
  yield* reader.read()
  writer.close()
  yield* writer.waitClosed()
}

function* main(): Coroutine {
  const server = yield* startServer(serve, '127.0.0.1', 0)
  const [reader, writer] = yield* openConnection('127.0.0.1', server.port, { limit: 8 })
  yield* sleep(30)
  console.log((yield* reader.readuntil()).toString().trim())
  try {
    yield* reader.readuntil()
  } catch (error) {
    if (!(error instanceof LimitOverrunError)) throw error
    console.log('LimitOverrunError')
  }
  console.log((yield* reader.readexactly(21)).toString().trim())
  console.log((yield* reader.readline()).toString().trim())
  try {
    yield* reader.readline()
  } catch (error) {
    if (!(error instanceof LimitOverrunError)) throw error
    console.log('error')
  }
  console.log((yield* reader.readline()).toString().trim())
  writer.close()
  yield* writer.waitClosed()
  server.close()
  yield* server.waitClosed()
}

await run(main)
