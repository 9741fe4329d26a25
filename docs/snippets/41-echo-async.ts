import { run } from 'polvo'
import { openConnection, startServer } from 'polvo/node'

await run(async () => {
  await using server = await startServer(async (reader, writer) => {
    for await (const line of reader) {
      writer.write(line)
      await writer.drain()
    }
    console.log('the client has left')
  }, '127.0.0.1')

  await using connection = await openConnection('127.0.0.1', server.port)
  const [reader, writer] = connection
  for (const word of ['hello', 'world']) {
    writer.write(`${word}\n`)
    console.log(String(await reader.readline()).trim())
  }
})
