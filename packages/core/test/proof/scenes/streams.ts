import { forEach, isCancelled, sleep, type Task, taskGroup, use } from 'polvo'
import type { Connection } from 'polvo/node'
import { type MemoryStreamOptions, memoryNetwork, memoryStreamPair } from 'polvo/testing'
import { holds, type Scene } from './scene.ts'

const text = (bytes: unknown): string => String(bytes)

function isLoss(error: unknown): boolean {
  // `await using` whose closing is cancelled as well throws both cancellations in one of these.
  const { name, error: last, suppressed } = Object(error) as Partial<SuppressedError>
  if (name === 'SuppressedError') return isCancelled(last) && isCancelled(suppressed)
  const { code } = Object(error) as { code?: string }
  return code === 'ECONNRESET' || code === 'POLVO_BROKEN_RESOURCE' || code === 'POLVO_INCOMPLETE_READ'
}

/** Two ends that talk in lines; both are closed, whoever is cancelled. */
function conversation(name: string, options: MemoryStreamOptions): Scene {
  return {
    name,
    *generator() {
      const [near, far] = memoryStreamPair(options)
      yield* taskGroup((group) => {
        const echo = group.createTask(() =>
          use(far, function* ([reader, writer]) {
            yield* forEach(reader, function* (line) {
              writer.write(text(line).toUpperCase())
              yield* writer.drain()
            })
          }),
        )
        const asker = group.createTask(() =>
          use(near, function* ([reader, writer]) {
            for (const word of ['one', 'two']) {
              writer.write(`${word}\n`)
              yield* writer.drain()
              const answer = text(yield* reader.readline())
              holds(answer === '' || answer === `${word.toUpperCase()}\n`, `${answer} for ${word}`)
            }
            writer.writeEof()
            yield* reader.read()
          }),
        )
        abortAfter(echo, far)
        abortAfter(asker, near)
      })
    },
    async async() {
      const [near, far] = memoryStreamPair(options)
      await taskGroup((group) => {
        const echo = group.createTask(async () => {
          await using connection = far
          const [reader, writer] = connection
          for await (const line of reader) {
            writer.write(text(line).toUpperCase())
            await writer.drain()
          }
        })
        const asker = group.createTask(async () => {
          await using connection = near
          const [reader, writer] = connection
          for (const word of ['one', 'two']) {
            writer.write(`${word}\n`)
            await writer.drain()
            const answer = text(await reader.readline())
            holds(answer === '' || answer === `${word.toUpperCase()}\n`, `${answer} for ${word}`)
          }
          writer.writeEof()
          await reader.read()
        })
        abortAfter(echo, far)
        abortAfter(asker, near)
      })
    },
    options: { mayThrow: isOnlyLoss },
  }
}

/** A task that is cancelled before its start closes nothing itself. */
function abortAfter(task: Task, [, writer]: Connection): void {
  task.addDoneCallback(() => writer.abort())
}

function isOnlyLoss(error: unknown): boolean {
  const { errors } = Object(error) as { errors?: unknown[] }
  return errors === undefined ? isLoss(error) : errors.every(isOnlyLoss)
}

export const streamScenes: readonly Scene[] = [
  conversation('streams', {}),
  conversation('streams, byte by byte, with latency', { chunk: 1, latency: [1, 5] }),
  {
    name: 'a server and its clients',
    *generator() {
      const network = memoryNetwork({ latency: 2, chunk: 2 })
      const server = network.startServer(function* (reader, writer) {
        writer.write(yield* reader.read())
      })
      try {
        yield* taskGroup((group) => {
          for (const word of ['one', 'two']) {
            group.createTask(() =>
              use(network.openConnection('127.0.0.1', server.port), function* ([reader, writer]) {
                writer.write(word)
                writer.writeEof()
                const answer = text(yield* reader.read())
                holds(answer === word || answer === '', `${answer} for ${word}`)
              }),
            )
          }
        })
      } finally {
        server.close()
        yield* server.waitClosed()
      }
    },
    async async() {
      const network = memoryNetwork({ latency: 2, chunk: 2 })
      await using server = network.startServer(async (reader, writer) => {
        writer.write(await reader.read())
      })
      await taskGroup((group) => {
        for (const word of ['one', 'two']) {
          group.createTask(async () => {
            await using connection = await network.openConnection('127.0.0.1', server.port)
            const [reader, writer] = connection
            writer.write(word)
            writer.writeEof()
            const answer = text(await reader.read())
            holds(answer === word || answer === '', `${answer} for ${word}`)
          })
        }
      })
      await sleep(0)
    },
    options: { mayThrow: isOnlyLoss, mayLeaveTasks: true },
  },
]
