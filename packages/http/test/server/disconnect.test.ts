// The client goes away: what becomes of the handler, at every stage of a request.
import { type Coroutine, currentTask, isCancelled, shield, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { ClientDisconnected, stream } from '../../src/index.ts'
import { appWith, RawClient, serving, until } from './support/serving.ts'

/** What a handler that waits has met with. */
function* waiting(log: string[]): Coroutine<string> {
  log.push('begun')
  try {
    yield* sleep(60_000)
    return 'done'
  } catch (error) {
    log.push(isCancelled(error) ? 'cancelled' : String(error))
    throw error
  } finally {
    log.push('cleaned up')
  }
}

async function waitingAsync(log: string[]): Promise<string> {
  log.push('begun')
  try {
    await sleep(60_000)
    return 'done'
  } catch (error) {
    log.push(isCancelled(error) ? 'cancelled' : String(error))
    throw error
  } finally {
    log.push('cleaned up')
  }
}

describe.each([
  ['generator', (log: string[]) => appWith((app) => app.get('/', () => waiting(log)))],
  [
    'generator function',
    (log: string[]) =>
      appWith((app) =>
        app.get('/', function* () {
          return yield* waiting(log)
        }),
      ),
  ],
  ['async', (log: string[]) => appWith((app) => app.get('/', () => waitingAsync(log)))],
] as const)('a handler (%s) whose client goes away', (_, build) => {
  test('is cancelled, and cleans up', async () => {
    const log: string[] = []
    await serving(build(log), async (served) => {
      const client = (await RawClient.to(served)).get('/')
      await until(() => log.includes('begun'))
      client.hangUp()
      await until(() => log.length === 3)
      expect(log).toEqual(['begun', 'cancelled', 'cleaned up'])
      await until(() => served.server.requests === 0 && served.server.connections === 0)
      expect(served.reports).toEqual([])
    })
  })

  test('is cancelled where the client has only said that it sends no more', async () => {
    const log: string[] = []
    await serving(build(log), async (served) => {
      const client = (await RawClient.to(served)).get('/')
      await until(() => log.includes('begun'))
      client.socket.end()
      await until(() => log.length === 3)
      expect(log).toEqual(['begun', 'cancelled', 'cleaned up'])
    })
  })
})

test('a client that goes away in the middle of the head calls no handler', async () => {
  const log: string[] = []
  await serving(
    appWith((app) => app.get('/', () => waiting(log))),
    async (served) => {
      const client = (await RawClient.to(served)).send('GET / HTTP/1.1\r\nhost: te')
      await until(() => served.server.connections === 1)
      client.hangUp()
      await until(() => served.server.connections === 0)
      expect(log).toEqual([])
    },
  )
})

describe('a client that goes away in the middle of its body', () => {
  const post = 'POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n0123456789'

  test('has the handler that reads it cancelled', async () => {
    const log: string[] = []
    const app = appWith((app) =>
      app.post('/', async (request) => {
        log.push('begun')
        try {
          await request.text()
        } catch (error) {
          log.push((error as Error).name)
          throw error
        }
      }),
    )
    await serving(app, async (served) => {
      const client = (await RawClient.to(served)).send(post)
      await until(() => log.length === 1)
      client.hangUp()
      await until(() => served.server.requests === 0)
      expect(log).toEqual(['begun', 'CancelledError'])
      expect(served.reports).toEqual([])
    })
  })

  test('makes the read throw ClientDisconnected where the handler is to finish', async () => {
    const log: string[] = []
    const app = appWith((app) =>
      app.post(
        '/',
        function* (request) {
          log.push('begun')
          try {
            yield* request.text()
          } catch (error) {
            log.push(error instanceof ClientDisconnected ? error.code : String(error))
            throw error
          }
        },
        { onDisconnect: 'finish' },
      ),
    )
    await serving(app, async (served) => {
      const client = (await RawClient.to(served)).send(post)
      await until(() => log.length === 1)
      client.hangUp()
      await until(() => served.server.requests === 0)
      expect(log).toEqual(['begun', 'POLVO_HTTP_DISCONNECTED'])
      expect(served.reports).toEqual([])
    })
  })
})

test('a client that goes away in the middle of a streamed response has its writer cancelled', async () => {
  const log: string[] = []
  const app = appWith((app) =>
    app.get('/', () =>
      stream(async (writer) => {
        try {
          for (;;) {
            await writer.write('x'.repeat(100))
            await sleep(5)
          }
        } catch (error) {
          log.push((error as Error).name)
          throw error
        }
      }),
    ),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await client.untilReceived('xxx')
    client.hangUp()
    await until(() => log.length > 0)
    expect(log).toEqual(['CancelledError'])
    await until(() => served.server.requests === 0)
    expect(served.reports).toEqual([])
  })
})

test('a client that reads no more, and goes away, has the writer cancelled that waits for it', async () => {
  const log: string[] = []
  const app = appWith((app) =>
    app.get('/', () =>
      stream(function* (writer) {
        try {
          for (;;) yield* writer.write('x'.repeat(100_000))
        } finally {
          log.push('over')
        }
      }),
    ),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    client.socket.pause()
    await until(() => served.server.requests === 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(log).toEqual([])
    client.hangUp()
    await until(() => log.length > 0)
    await until(() => served.server.requests === 0)
  })
})

test("with onDisconnect: 'finish' the handler runs to its end", async () => {
  const log: string[] = []
  const app = appWith((app) =>
    app.get(
      '/',
      async (request) => {
        log.push('begun')
        await request.waitDisconnected()
        log.push(`disconnected ${request.disconnected}, aborted ${request.signal.aborted}`)
        await sleep(5)
        log.push('finished')
        return 'nobody reads it'
      },
      { onDisconnect: 'finish' },
    ),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await until(() => log.length === 1)
    client.hangUp()
    await until(() => log.length === 3)
    expect(log).toEqual(['begun', 'disconnected true, aborted false', 'finished'])
    await until(() => served.server.requests === 0)
    expect(served.reports).toEqual([])
  })
})

test('a part that is shielded goes on, though the handler is cancelled', async () => {
  const log: string[] = []
  const save = async () => {
    await sleep(20)
    log.push('saved')
  }
  const app = appWith((app) =>
    app.get('/', function* () {
      log.push('begun')
      try {
        yield* shield(save)
      } finally {
        log.push('handler over')
      }
    }),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await until(() => log.length === 1)
    client.hangUp()
    await until(() => log.length === 3)
    expect(log).toEqual(['begun', 'handler over', 'saved'])
  })
})

test('request.signal is aborted when the client goes away', async () => {
  const log: string[] = []
  const app = appWith((app) =>
    app.get('/', async ({ signal }) => {
      signal.addEventListener('abort', () => log.push(`aborted: ${(signal.reason as Error).name}`))
      log.push(currentTask()?.getName() as string)
      await sleep(60_000)
    }),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await until(() => log.length === 1)
    client.hangUp()
    await until(() => log.length === 2)
    expect(log).toEqual(['GET /', 'aborted: CancelledError'])
  })
})

test('a client that goes away after its response disturbs nobody', async () => {
  const app = appWith((app) =>
    app.get('/', async () => {
      await sleep(1)
      return 'there'
    }),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await client.untilReceived('there')
    client.hangUp()
    await until(() => served.server.connections === 0)
    expect(served.reports).toEqual([])
  })
})
