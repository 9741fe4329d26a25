// A server stops gracefully: what was accepted is answered, what takes too long is cancelled, and nothing is left.
import { cleanup, getRunningLoop, isCancelled, resource, run, sleep, TimeoutError, timeout } from 'polvo'
import { expect, test } from 'vitest'
import { Application, serve } from '../../src/index.ts'
import { appWith, ask, RawClient, serving, until } from './support/serving.ts'

test('stopping lets handlers finish, and closes their connections', async () => {
  const app = appWith((app) =>
    app.get('/', async () => {
      await sleep(50)
      return 'finished'
    }),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await until(() => served.server.requests === 1)
    const report = await served.server.stop()
    expect(report).toEqual({ finished: 1, cancelled: [], refused: [] })
    const received = await client.untilClosed()
    expect(received).toContain('finished')
    expect(received.toLowerCase()).toContain('connection: close')
  })
})

test('stopping closes idle connections at once, and accepts no more', async () => {
  await serving(
    appWith((app) => app.get('/', () => 'ok')),
    async (served) => {
      const idle = (await RawClient.to(served)).get('/')
      await idle.untilReceived('ok')
      const unused = await RawClient.to(served)
      await until(() => served.server.connections === 2)
      const { url } = served
      const began = performance.now()
      await served.server.stop()
      expect(performance.now() - began).toBeLessThan(1000)
      await idle.untilClosed()
      await unused.untilClosed()
      await expect(fetch(url)).rejects.toThrow()
      expect(served.server.isServing()).toBe(false)
    },
  )
})

test('handlers that take longer than the deadline are cancelled with 503, and their clean-up is waited for', async () => {
  const log: string[] = []
  const app = appWith((app) =>
    app.get('/slow', function* () {
      try {
        yield* sleep(60_000)
      } catch (error) {
        log.push(isCancelled(error) ? 'cancelled' : 'failed')
        throw error
      } finally {
        yield* cleanup(1000, () => sleep(30))
        log.push('cleaned up')
      }
    }),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/slow')
    await until(() => served.server.requests === 1)
    const report = await served.server.stop({ within: 20 })
    expect(log).toEqual(['cancelled', 'cleaned up'])
    expect(report).toEqual({ finished: 0, cancelled: ['GET /slow'], refused: [] })
    expect(await client.untilClosed()).toContain('HTTP/1.1 503 Service Unavailable')
  })
})

test('a handler that swallows its cancellation is ended, and named in the report', async () => {
  const app = appWith((app) =>
    app.get('/stubborn', function* () {
      for (;;) {
        try {
          yield* sleep(10_000)
        } catch {}
      }
    }),
  )
  await run(
    async () => {
      const server = await serve(app, { port: 0 })
      const asked = fetch(`${server.url}/stubborn`).catch(() => 'no answer')
      await until(() => server.requests === 1)
      const report = await server.stop({ within: 10 })
      expect(report.refused).toEqual(['GET /stubborn'])
      await asked
    },
    { cancelGrace: 50, signal: AbortSignal.timeout(5000) },
  )
})

test.each(['generator', 'async'] as const)(
  'a handler that swallows the cancellation by its client is ended, and forgotten (%s)',
  async (spelling) => {
    const app = appWith((app) => {
      if (spelling === 'async') {
        app.get('/', async () => {
          for (;;) await Promise.resolve(sleep(10_000)).catch(() => {})
        })
      } else {
        app.get('/', function* () {
          for (;;) {
            try {
              yield* sleep(10_000)
            } catch {}
          }
        })
      }
    })
    await run(
      async () => {
        getRunningLoop().setExceptionHandler(() => {})
        const server = await serve(app, { port: 0 })
        const stop = new AbortController()
        fetch(server.url, { signal: stop.signal }).catch(() => {})
        await until(() => server.requests === 1)
        stop.abort()
        await until(() => server.requests === 0)
        expect(await server.stop()).toEqual({ finished: 0, cancelled: [], refused: [] })
      },
      { cancelGrace: 30, signal: AbortSignal.timeout(5000) },
    )
  },
)

test('a response that is written, and not yet sent, is sent to its end', async () => {
  const size = 4_000_000
  await serving(
    appWith((app) => app.get('/', () => 'x'.repeat(size))),
    async (served) => {
      const client = await RawClient.to(served)
      client.socket.pause()
      client.get('/')
      await until(() => served.server.connections === 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
      const stopping = served.server.stop()
      await new Promise((resolve) => setTimeout(resolve, 50))
      client.socket.resume()
      await stopping
      const received = await client.untilClosed()
      expect(received.length).toBeGreaterThan(size)
    },
  )
})

test('resources are opened before it listens, and closed after the handlers, in reverse order', async () => {
  const log: string[] = []
  const part = (name: string) =>
    resource(function* (provide) {
      log.push(`open ${name}`)
      try {
        yield* provide(name)
      } finally {
        yield* sleep(1)
        log.push(`close ${name}`)
      }
    })
  const app = new Application()
  app.resource(() => part('a'))
  app.onStart(async () => {
    await sleep(1)
    log.push('start')
  })
  app.onStop(() => {
    log.push('stop')
  })
  app.resource(() => part('b'))
  app.get('/', async () => {
    try {
      await sleep(60_000)
    } finally {
      log.push('handler over')
    }
  })
  await serving(app, async (served) => {
    expect(log).toEqual(['open a', 'start', 'open b'])
    ;(await RawClient.to(served)).get('/')
    await until(() => served.server.requests === 1)
    await served.server.stop({ within: 1 })
    expect(log.slice(3)).toEqual(['handler over', 'close b', 'stop', 'close a'])
  })
})

test('what a resource throws as it is opened comes out of serve(), and those before it are closed', async () => {
  const log: string[] = []
  const app = new Application()
  app.resource(() => ({ enter: () => log.push('opened'), exit: () => void log.push('closed') }))
  app.resource(() => {
    throw new Error('no database')
  })
  await expect(run(() => serve(app, { port: 0 }))).rejects.toThrow('no database')
  expect(log).toEqual(['opened', 'closed'])
  expect(app.isRunning).toBe(false)
})

test('background tasks are cancelled and waited for before the resources are closed', async () => {
  const log: string[] = []
  const app = new Application()
  app.resource(() => ({ enter: () => {}, exit: () => void log.push('resource closed') }))
  app.post('/', () => {
    app.createTask(async () => {
      try {
        await sleep(60_000)
      } finally {
        log.push('task over')
      }
    })
    return 'started'
  })
  await serving(app, async ({ server, url }) => {
    expect(await ask(url, { method: 'POST' })).toEqual([200, 'started'])
    await server.stop()
    expect(log).toEqual(['task over', 'resource closed'])
  })
})

test('the end of the run stops a server that was forgotten', async () => {
  let port = 0
  await run(async () => {
    const server = await serve(
      appWith((app) => app.get('/', () => 'ok')),
      { port: 0 },
    )
    port = server.port
  })
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
})

test('a port that is in use is EADDRINUSE, and the application can be served again', async () => {
  const app = appWith((app) => app.get('/', () => 'ok'))
  await serving(
    appWith((app) => app.get('/', () => 'other')),
    async ({ server }) => {
      await expect(serve(app, { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
      const second = await serve(app, { port: 0 })
      expect(await ask(second.url)).toEqual([200, 'ok'])
      await second.stop()
    },
  )
})

test('cancelling stop() leaves the server stopping', async () => {
  const app = appWith((app) =>
    app.get('/', async () => {
      await sleep(100)
      return 'finished'
    }),
  )
  await serving(app, async (served) => {
    const asked = ask(served.url)
    await until(() => served.server.requests === 1)
    await expect(timeout(10, () => served.server.stop())).rejects.toThrow(TimeoutError)
    expect(await asked).toEqual([200, 'finished'])
    expect((await served.server.stop()).finished).toBe(1)
  })
})
