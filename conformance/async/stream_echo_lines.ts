/**
 * A line server answers line by line; the end of the client's words is an
 * empty read, and leaving for await over the reader.
 */
import { run } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

const log: string[] = []

async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) {
    const text = line.toString().trimEnd()
    log.push(`heard ${text}`)
    writer.write(`${text} ${text}\n`)
    await writer.drain()
  }
  log.push('client left')
  writer.close()
  await writer.waitClosed()
}

async function main(): Promise<void> {
  const server = await startServer(serve, '127.0.0.1', 0)
  const [reader, writer] = await openConnection('127.0.0.1', server.port)
  for (const word of ['hello', 'echo', 'adieu']) {
    writer.write(`${word}\n`)
    console.log('answer:', (await reader.readline()).toString().trimEnd())
  }
  writer.writeEof()
  console.log('rest:', (await reader.read()).length, 'at end', reader.atEof())
  writer.close()
  await writer.waitClosed()
  server.close()
  await server.waitClosed()
  console.log(log.join('\n'))
}

await run(main)
