/**
 * Frames of a known length are read exactly; when the peer stops within one
 * the reader throws IncompleteReadError with what there was.
 */
import { type Coroutine, IncompleteReadError, run } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

function* serve(_reader: StreamReader, writer: StreamWriter): Coroutine {
  for (const text of ['alpha', 'beta', 'gamma']) {
    writer.write(Uint8Array.of(text.length))
    writer.write(text)
  }
  writer.write(Uint8Array.of(9))
  writer.write('del')
  yield* writer.drain()
  writer.close()
  yield* writer.waitClosed()
}

function* main(): Coroutine {
  const server = yield* startServer(serve, '127.0.0.1', 0)
  const [reader, writer] = yield* openConnection('127.0.0.1', server.port)
  try {
    for (;;) {
      const [length = 0] = yield* reader.readexactly(1)
      const frame = yield* reader.readexactly(length)
      console.log(length, frame.toString())
    }
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error
    const { partial, expected } = error
    console.log('IncompleteReadError', partial.length, 'of', expected, new TextDecoder().decode(partial))
  }
  try {
    yield* reader.readuntil(';')
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error
    console.log('IncompleteReadError', error.partial.length)
  }
  console.log('rest', (yield* reader.readline()).length)
  writer.close()
  yield* writer.waitClosed()
  server.close()
  yield* server.waitClosed()
}

await run(main)
