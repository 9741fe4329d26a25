import { IncompleteReadError, run } from 'polvo'
import { openConnection, type StreamReader, startServer } from 'polvo/node'

/** A frame: its length in four bytes, then so many bytes. */
async function readFrame(reader: StreamReader): Promise<string> {
  const header = await reader.readexactly(4)
  return String(await reader.readexactly(header.readUInt32BE()))
}

await run(async () => {
  await using server = await startServer((_, writer) => {
    writer.write(Uint8Array.of(0, 0, 0, 5))
    writer.write('squid')
    writer.write(Uint8Array.of(0, 0, 0, 10))
    writer.write('cut') // and hangs up
  }, '127.0.0.1')

  await using connection = await openConnection('127.0.0.1', server.port)
  const [reader] = connection
  console.log(await readFrame(reader))
  try {
    await readFrame(reader)
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error
    console.log(error.message, `They were '${new TextDecoder().decode(error.partial)}'.`)
  }
})
