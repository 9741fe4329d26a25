/** A server of lines with polvo's streams, in async functions. Fair: a handler as in docs/streams.md, with its `drain`. */
import { run } from 'polvo'
import { type StreamReader, type StreamWriter, startServer } from 'polvo/node'

async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (;;) {
    const line = await reader.readline()
    if (line.length === 0) return
    writer.write(line)
    await writer.drain()
  }
}

export function serve(whenListening: (port: number) => void): Promise<unknown> {
  return run(async () => {
    const server = await startServer(echo, '127.0.0.1')
    whenListening(server.port)
    await server.serveForever()
  })
}
