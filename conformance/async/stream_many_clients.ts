/**
 * One server, many clients at once: each conversation keeps its own order,
 * and closing the server waits for the conversations still open.
 */
import { call, gather, run } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

async function serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
  let total = 0
  for (let line = await reader.readline(); line.length > 0; line = await reader.readline()) {
    total += Number(line.toString())
    writer.write(`${total}\n`)
    await writer.drain()
  }
  writer.write('bye\n')
  writer.close()
  await writer.waitClosed()
}

async function client(port: number, n: number): Promise<string[]> {
  const [reader, writer] = await openConnection('127.0.0.1', port)
  const answers: string[] = []
  for (let number = n; number < n * 6; number += n) {
    writer.write(`${number}\n`)
    answers.push((await reader.readline()).toString().trim())
  }
  writer.writeEof()
  answers.push((await reader.readline()).toString().trim())
  writer.close()
  await writer.waitClosed()
  return answers
}

async function main(): Promise<void> {
  const server = await startServer(serve, '127.0.0.1', 0)
  const { port } = server
  console.log('serving', server.isServing())
  for (const answers of await gather(
    call(client, port, 1),
    call(client, port, 10),
    call(client, port, 100),
  )) {
    console.log(answers.join(' '))
  }
  server.close()
  await server.waitClosed()
  console.log('serving', server.isServing())
}

await run(main)
