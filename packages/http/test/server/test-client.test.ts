// One contract for the client of tests, in memory and over a socket.
import { type Coroutine, createTask, forEach, resource, run, sleep, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { Application, eventStream, stream } from '../../src/index.ts'
import { type TestClient, type TestClientOptions, testClient } from '../../src/testing.ts'
import { until } from './support/serving.ts'

describe.each(['memory', 'socket'] as const)('testClient(app) over a %s', (over) => {
  async function asking(
    build: (app: Application) => unknown,
    body: (client: TestClient, reports: string[]) => Promise<unknown>,
    options: TestClientOptions = {},
  ): Promise<void> {
    const app = new Application()
    build(app)
    const reports: string[] = []
    await run(
      async () => {
        const { getRunningLoop } = await import('polvo')
        getRunningLoop().setExceptionHandler((_, { message }) => reports.push(message))
        await use(testClient(app, { over, ...options }), (client) => body(client, reports))
      },
      { signal: AbortSignal.timeout(6000) },
    )
    expect(app.isRunning).toBe(false)
  }

  test('asks the application, with all that a session can do', async () => {
    await asking(
      (app) => {
        app.get('/hello/:name', ({ params, query }) => `hello ${params.name} ${query.get('x')}`)
        app.post('/json', async (request) => ({ got: await request.json() }))
        app.get('/set', ({ app }) => app && new Response('set', { headers: { 'set-cookie': 'a=1; Path=/' } }))
        app.get('/cookie', ({ cookies }) => String(cookies.a))
        app.get('/away', () => new Response(null, { status: 302, headers: { location: '/hello/again?x=2' } }))
      },
      async (client) => {
        const hello = await client.get('/hello/ada', { params: { x: '1' } })
        expect([hello.status, await hello.text()]).toEqual([200, 'hello ada 1'])
        expect(await (await client.post('/json', { json: { a: 1 } })).json()).toEqual({ got: { a: 1 } })
        const redirected = await client.get('/away')
        expect([await redirected.text(), redirected.history.length]).toEqual(['hello again 2', 1])
        expect((await client.get('/none')).status).toBe(404)
      },
    )
  })

  test('works in the generator spelling', async () => {
    const app = new Application()
    app.get('/', function* () {
      yield* sleep(1)
      return 'ok'
    })
    await run(function* (): Coroutine {
      yield* use(testClient(app, { over }), function* (client) {
        const response = yield* client.get('/')
        expect(yield* response.text()).toBe('ok')
      })
    })
  })

  test('runs the resources around, and stops at the end', async () => {
    const log: string[] = []
    await asking(
      (app) => {
        app.resource(() =>
          resource(function* (provide) {
            log.push('open')
            try {
              yield* provide(null)
            } finally {
              log.push('close')
            }
          }),
        )
        app.get('/', () => log.join())
      },
      async (client) => expect(await (await client.get('/')).text()).toBe('open'),
    )
    expect(log).toEqual(['open', 'close'])
  })

  test('carries large bodies both ways, at the pace of the slower side', async () => {
    let written = 0
    await asking(
      (app) => {
        app.post('/echo', (request) => stream(request.stream), { bodyLimit: 1e8 })
        app.get('/endless', () =>
          stream(function* (writer) {
            for (;;) {
              yield* writer.write('x'.repeat(65_536))
              written++
            }
          }),
        )
      },
      async (client) => {
        const data = Buffer.alloc(3_000_000, 'abc')
        const response = await client.post('/echo', { data })
        expect(Buffer.compare(Buffer.from(await response.bytes()), data)).toBe(0)
        const endless = await client.get('/endless')
        await sleep(50)
        expect(written).toBeLessThan(2_000)
        endless.close()
        await until(() => client.server.requests === 0)
      },
    )
  })

  test('hangs up when its request is cancelled, and the handler is cancelled', async () => {
    const log: string[] = []
    await asking(
      (app) =>
        app.get('/', async () => {
          log.push('begun')
          try {
            await sleep(60_000)
          } finally {
            log.push('cancelled')
          }
        }),
      async (client, reports) => {
        const task = createTask(client.get('/'))
        await until(() => log.length === 1)
        task.cancel()
        await until(() => log.length === 2 && client.server.requests === 0)
        expect(reports).toEqual([])
      },
    )
  })

  test('sees events as they are sent', async () => {
    await asking(
      (app) =>
        app.get('/', () =>
          eventStream(function* (events) {
            yield* events.send('one')
            yield* sleep(60_000)
          }),
        ),
      async (client) => {
        const response = await client.get('/')
        const { value } = await response.next()
        expect(Buffer.from(value as Uint8Array).toString()).toBe('data: one\n\n')
        response.close()
        await until(() => client.server.requests === 0)
      },
    )
  })

  test('talks over websockets', async () => {
    await asking(
      (app) =>
        app.websocket('/echo', (socket) =>
          forEach(socket, function* (message) {
            yield* socket.send(`${message}!`)
          }),
        ),
      async (client) => {
        const socket = await client.wsConnect('/echo')
        await socket.send('hello')
        expect(await socket.receive()).toBe('hello!')
        await socket.close()
        await until(() => client.server.requests === 0)
      },
    )
  })

  test('waits for handlers that are under way, and cancels them after stopWithin', async () => {
    const log: string[] = []
    await asking(
      (app) =>
        app.get(
          '/',
          async () => {
            log.push('begun')
            try {
              await sleep(60_000)
            } finally {
              log.push('cancelled')
            }
          },
          { onDisconnect: 'finish' },
        ),
      async (client) => {
        createTask(client.get('/')).addDoneCallback((task) => task.exception())
        await until(() => log.length === 1)
      },
      { serve: { stopWithin: 20 } },
    )
    expect(log).toEqual(['begun', 'cancelled'])
  })
})

test('testClient() refuses what is no application', () => {
  expect(() => testClient({} as never)).toThrow('testClient() takes an Application, and was given an Object')
})
