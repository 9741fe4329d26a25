/** A server of lines with polvo's streams, in generators. Fair: a handler as in docs/streams.md, with its `drain`. */
import { type Coroutine, run } from 'polvo'
import { type StreamReader, type StreamWriter, startServer } from 'polvo/node'

function* echo(reader: StreamReader, writer: StreamWriter): Coroutine {
  for (;;) {
    const line = yield* reader.readline()
    if (line.length === 0) return
    writer.write(line)
    yield* writer.drain()
  }
}

export function serve(whenListening: (port: number) => void): Promise<unknown> {
  return run(function* () {
    const server = yield* startServer(echo, '127.0.0.1')
    whenListening(server.port)
    yield* server.serveForever()
  })
}
