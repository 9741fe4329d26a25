// Limits of time and size: handlers that take too long, clients that are slow, heads that are large.
import { call, currentTask, getRunningLoop, isCancelled, run, shield, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { serve, text } from '../../src/index.ts'
import { appWith, ask, RawClient, serving, until } from './support/serving.ts'

describe('handlerTimeout', () => {
  test.each(['generator', 'async'] as const)(
    'cancels the handler, waits for its clean-up and answers 503 (%s)',
    async (spelling) => {
      const log: string[] = []
      function* slow() {
        try {
          yield* sleep(60_000)
          return ''
        } catch (error) {
          log.push(isCancelled(error) ? 'cancelled' : 'failed')
          throw error
        } finally {
          yield* sleep(5)
          log.push('cleaned up')
        }
      }
      const app = appWith((app) =>
        spelling === 'generator'
          ? app.get('/', slow, { handlerTimeout: 20 })
          : app.get('/', async () => await call(slow), { handlerTimeout: 20 }),
      )
      await serving(app, async ({ url, reports, server }) => {
        const [status, body] = await ask(url)
        expect([status, body]).toEqual([503, '503 The answer took longer than 20 ms.\n'])
        expect(log).toEqual(['cancelled', 'cleaned up'])
        expect(server.requests).toBe(0)
        expect(reports).toEqual([])
      })
    },
  )

  test('is not over for those that answer in time, nor for what they stream', async () => {
    const { stream } = await import('../../src/index.ts')
    const unlimited = appWith((part) => part.get('/', () => sleep(60, 'part')), { handlerTimeout: null })
    const app = appWith(
      (app) => {
        app.mount('/part', unlimited)
        app.get('/', () => 'in time')
        app.get('/stream', () =>
          stream(async (writer) => {
            await sleep(60)
            await writer.write('late')
          }),
        )
        app.get(
          '/any',
          async () => {
            await sleep(60)
            return 'any'
          },
          { handlerTimeout: null },
        )
      },
      { handlerTimeout: 30 },
    )
    await serving(app, async ({ url }) => {
      expect(await ask(url)).toEqual([200, 'in time'])
      expect(await ask(`${url}/stream`)).toEqual([200, 'late'])
      expect(await ask(`${url}/any`)).toEqual([200, 'any'])
      expect(await ask(`${url}/part`)).toEqual([200, 'part'])
    })
  })

  test('leaves a shielded part alone, and its 503 can be handled', async () => {
    const log: string[] = []
    const save = async () => {
      await sleep(40)
      log.push('saved')
    }
    const app = appWith((app) => {
      app.get(
        '/',
        async () => {
          await shield(save)
          return ''
        },
        { handlerTimeout: 10 },
      )
      app.onError(503, async (error) => {
        await sleep(1)
        return text(`sorry, ${currentTask()?.cancelling()}: ${error.message}`, { status: 503 })
      })
    })
    await serving(app, async ({ url }) => {
      expect((await ask(url))[1]).toContain('sorry, 0: The answer took longer than 10 ms')
      await until(() => log.length === 1)
    })
  })

  test('answers 503 for a handler that will not stop, once it is ended', async () => {
    const app = appWith((app) =>
      app.get(
        '/',
        function* () {
          for (;;) {
            try {
              yield* sleep(10_000)
            } catch {}
          }
        },
        { handlerTimeout: 10 },
      ),
    )
    await run(
      async () => {
        getRunningLoop().setExceptionHandler(() => {})
        const server = await serve(app, { port: 0 })
        expect(await ask(server.url)).toEqual([503, '503 The answer took longer than 10 ms.\n'])
        expect(server.requests).toBe(0)
      },
      { cancelGrace: 30, signal: AbortSignal.timeout(5000) },
    )
  })

  test('has the last word only where the handler has none', async () => {
    const app = appWith((app) =>
      app.get(
        '/',
        async () => {
          try {
            await sleep(60_000)
          } catch {
            return text('as far as it went', { status: 206 })
          }
          return ''
        },
        { handlerTimeout: 10 },
      ),
    )
    await serving(app, async ({ url }) => expect(await ask(url)).toEqual([206, 'as far as it went']))
  })
})

test('an error of a handler that has nothing to do with a cancellation of it, though it looks so, is a 500', async () => {
  const app = appWith((app) =>
    app.get('/', async () => {
      const { createTask } = await import('polvo')
      const task = createTask(sleep(60_000))
      task.cancel()
      await task
      return ''
    }),
  )
  await serving(app, async ({ url }) => expect((await ask(url))[0]).toBe(500))
})

describe('slow clients', () => {
  test('that do not finish the head of a request get a 408, and are hung up on', async () => {
    await serving(
      appWith((app) => app.get('/', () => '')),
      async (served) => {
        const client = (await RawClient.to(served)).send('GET / HTTP/1.1\r\nhost:')
        expect(await client.untilClosed()).toContain('408 Request Timeout')
      },
      { headersTimeout: 200 },
    )
  })

  test('that do not finish the body are hung up on, and their handler is cancelled', async () => {
    const log: string[] = []
    const app = appWith((app) =>
      app.post('/', async (request) => {
        try {
          return await request.text()
        } catch (error) {
          log.push((error as Error).name)
          throw error
        }
      }),
    )
    await serving(
      app,
      async (served) => {
        const client = (await RawClient.to(served)).send(
          'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx',
        )
        await client.untilClosed()
        await until(() => log.length === 1)
        expect(log).toEqual(['CancelledError'])
      },
      { headersTimeout: 200, requestTimeout: 300 },
    )
  })

  test('that send nothing after a response are hung up on', async () => {
    await serving(
      appWith((app) => app.get('/', () => 'ok')),
      async (served) => {
        const client = (await RawClient.to(served)).get('/')
        expect(await client.untilClosed()).toContain('200 OK')
      },
      { keepAliveTimeout: 100 },
    )
  })
})

test('a head that is too large is a 431', async () => {
  await serving(
    appWith((app) => app.get('/', () => '')),
    async (served) => {
      const client = (await RawClient.to(served)).get('/', `x-large: ${'x'.repeat(3_000)}`)
      expect(await client.untilClosed()).toContain('431 Request Header Fields Too Large')
    },
    { maxHeaderSize: 2_000 },
  )
})

test('connections beyond the limit are closed, and the others go on', async () => {
  await serving(
    appWith((app) => app.get('/', () => 'ok')),
    async (served) => {
      const first = (await RawClient.to(served)).get('/')
      await first.untilReceived('ok')
      const second = await RawClient.to(served)
      await second.untilClosed()
      first.get('/')
      await until(() => first.received.split('ok').length === 3)
    },
    { maxConnections: 1 },
  )
})

test('a client is told to close a connection that has brought as many requests as it may, and more are a 503', async () => {
  await serving(
    appWith((app) => app.get('/', () => 'ok')),
    async (served) => {
      const client = (await RawClient.to(served)).get('/')
      await client.untilReceived('ok')
      client.get('/')
      await client.untilReceived('Connection: close')
      client.get('/')
      expect(await client.untilReceived('503')).toContain('503 Service Unavailable')
    },
    { maxRequestsPerConnection: 2 },
  )
})
