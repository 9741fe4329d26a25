/**
 * readuntil refuses a line over the limit and leaves it in place, to be read
 * otherwise; readline refuses it and throws it away.
 */
import { LimitOverrunError, run, sleep } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  writer.write(`short\n${'x'.repeat(20)}\nnext\n${'y'.repeat(20)}\nlast\n`)
  await writer.drain()
  await reader.read()
  writer.close()
  await writer.waitClosed()
}

async function main(): Promise<void> {
  const server = await startServer(serve, '127.0.0.1', 0)
  const [reader, writer] = await openConnection('127.0.0.1', server.port, { limit: 8 })
  await sleep(30)
  console.log((await reader.readuntil()).toString().trim())
  try {
    await reader.readuntil()
  } catch (error) {
    if (!(error instanceof LimitOverrunError)) throw error
    console.log('LimitOverrunError')
  }
  console.log((await reader.readexactly(21)).toString().trim())
  console.log((await reader.readline()).toString().trim())
  try {
    await reader.readline()
  } catch (error) {
    if (!(error instanceof LimitOverrunError)) throw error
    console.log('error')
  }
  console.log((await reader.readline()).toString().trim())
  writer.close()
  await writer.waitClosed()
  server.close()
  await server.waitClosed()
}

await run(main)
