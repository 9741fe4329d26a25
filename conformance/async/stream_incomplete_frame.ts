/**
 * Frames of a known length are read exactly; when the peer stops within one
 * the reader throws IncompleteReadError with what there was.
 */
import { IncompleteReadError, run } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

async function serve(_reader: StreamReader, writer: StreamWriter): Promise<void> {
  for (const text of ['alpha', 'beta', 'gamma']) {
    writer.write(Uint8Array.of(text.length))
    writer.write(text)
  }
  writer.write(Uint8Array.of(9))
  writer.write('del')
  await writer.drain()
  writer.close()
  await writer.waitClosed()
}

async function main(): Promise<void> {
  const server = await startServer(serve, '127.0.0.1', 0)
  const [reader, writer] = await openConnection('127.0.0.1', server.port)
  try {
    for (;;) {
      const [length = 0] = await reader.readexactly(1)
      const frame = await reader.readexactly(length)
      console.log(length, frame.toString())
    }
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error
    const { partial, expected } = error
    console.log('IncompleteReadError', partial.length, 'of', expected, new TextDecoder().decode(partial))
  }
  try {
    await reader.readuntil(';')
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error
    console.log('IncompleteReadError', error.partial.length)
  }
  console.log('rest', (await reader.readline()).length)
  writer.close()
  await writer.waitClosed()
  server.close()
  await server.waitClosed()
}

await run(main)
