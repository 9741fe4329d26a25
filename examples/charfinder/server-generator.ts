/** Characters by the words of their names, for telnet, in the generator spelling: `node server-generator.ts [HOST [PORT]]` */
import { type Coroutine, LimitOverrunError } from 'polvo'
import { main, type StreamReader, type StreamWriter, startServer } from 'polvo/node'
import { CharIndex, describe, status } from './char-index.ts'
import { isFarewell, textOf } from './query.ts'

const PROMPT = '?> '
const index = new CharIndex()

/** Talk to one client until it leaves, at the end of its words or by Ctrl-C. */
function* converse(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  const client = JSON.stringify(writer.getExtraInfo('peername'))
  for (;;) {
    writer.write(PROMPT)
    yield* writer.drain()
    const line = yield* readline(reader)
    if (line !== null && (line.length === 0 || isFarewell(line))) break
    const query = line === null ? null : textOf(line)
    console.log(`Received from ${client}: ${JSON.stringify(query)}`)
    const results = answer(query)
    writer.writelines(results.map((result) => `${result}\r\n`))
    console.log(`Sent ${results.length} lines`)
  }
  console.log('Close the client socket')
}

/** null where the line is too long. */
function* readline(reader: StreamReader): Coroutine<Uint8Array | null> {
  try {
    return yield* reader.readline()
  } catch (error) {
    if (error instanceof LimitOverrunError) return null
    throw error
  }
}

function answer(query: string | null): string[] {
  if (query === null) return ['Write words of at most 64 KiB, in UTF-8.']
  if (query === '') return []
  const found = index.search(query)
  return [...found.map(describe), status(query, found.length)]
}

function* serve(host = '127.0.0.1', port = '2323'): Coroutine<void> {
  const server = yield* startServer(converse, host, Number(port))
  console.log(`Serving on ${host}:${server.port}. Hit CTRL-C to stop.`)
  try {
    yield* server.serveForever()
  } finally {
    console.log('Server shutting down.')
  }
}

await main(() => serve(...process.argv.slice(2)))
