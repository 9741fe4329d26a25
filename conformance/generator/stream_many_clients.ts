/**
 * One server, many clients at once: each conversation keeps its own order,
 * and closing the server waits for the conversations still open.
 */
import { type Coroutine, gather, run } from 'polvo'
import { openConnection, type StreamReader, type StreamWriter, startServer } from 'polvo/node'

function* serve(reader: StreamReader, writer: StreamWriter): Coroutine {
  let total = 0
  for (let line = yield* reader.readline(); line.length > 0; line = yield* reader.readline()) {
    total += Number(line.toString())
    writer.write(`${total}\n`)
    yield* writer.drain()
  }
  writer.write('bye\n')
  writer.close()
  yield* writer.waitClosed()
}

function* client(port: number, n: number): Coroutine<string[]> {
  const [reader, writer] = yield* openConnection('127.0.0.1', port)
  const answers: string[] = []
  for (let number = n; number < n * 6; number += n) {
    writer.write(`${number}\n`)
    answers.push((yield* reader.readline()).toString().trim())
  }
  writer.writeEof()
  answers.push((yield* reader.readline()).toString().trim())
  writer.close()
  yield* writer.waitClosed()
  return answers
}

function* main(): Coroutine {
  const server = yield* startServer(serve, '127.0.0.1', 0)
  const { port } = server
  console.log('serving', server.isServing())
  for (const answers of yield* gather(client(port, 1), client(port, 10), client(port, 100))) {
    console.log(answers.join(' '))
  }
  server.close()
  yield* server.waitClosed()
  console.log('serving', server.isServing())
}

await run(main)
