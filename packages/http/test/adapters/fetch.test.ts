// An application as a function from a web Request to a Response: what the abort signal and the streams of both do.
import { getRunningLoop, isCancelled, run, sleep } from 'polvo'
import { expect, test } from 'vitest'
import { toExpressHandler, toFastifyPlugin, toFetchHandler } from '../../src/adapters.ts'
import { Application, redirect, stream, text } from '../../src/index.ts'
import { appWith, until } from '../server/support/serving.ts'

const get = (path = '/', init?: RequestInit) => new Request(`http://test${path}`, init)

function* waiting(log: string[]) {
  log.push('begun')
  try {
    yield* sleep(60_000)
    return 'done'
  } catch (error) {
    log.push(isCancelled(error) ? 'cancelled' : String(error))
    throw error
  }
}

test('status, header and body are those of the response', async () => {
  await using handler = toFetchHandler(
    appWith((app) => {
      app.get('/cookies', () => text('ok', { status: 201 }).setCookie('a', '1').setCookie('b', '2'))
      app.get('/away', () => redirect('/cookies'))
      app.get('/empty', () => new Response(null, { status: 204 }))
    }),
  )
  const response = await handler(get('/cookies'))
  expect([response.status, await response.text()]).toEqual([201, 'ok'])
  expect(response.headers.getSetCookie()).toHaveLength(2)
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const away = await handler(get('/away'))
  expect([away.status, away.headers.get('location')]).toEqual([302, '/cookies'])
  expect((await handler(get('/empty'))).status).toBe(204)
})

test('the request has its host, query and method', async () => {
  await using handler = toFetchHandler(
    appWith((app) => app.put('/x', ({ host, query, method }) => ({ host, q: query.get('q'), method }))),
  )
  const response = await handler(get('/x?q=a%20b', { method: 'PUT' }))
  expect(await response.json()).toEqual({ host: 'test', q: 'a b', method: 'PUT' })
})

test('aborting the signal of the request cancels its handler, and gives an empty response', async () => {
  const log: string[] = []
  await using handler = toFetchHandler(appWith((app) => app.get('/', () => waiting(log))))
  const controller = new AbortController()
  const answering = handler(get('/', { signal: controller.signal }))
  await until(() => log.length === 1)
  controller.abort()
  expect((await answering).status).toBe(499)
  await until(() => log.length === 2)
  expect(log).toEqual(['begun', 'cancelled'])
})

test('a request that was aborted before calls no handler that waits', async () => {
  const log: string[] = []
  await using handler = toFetchHandler(appWith((app) => app.get('/', () => waiting(log))))
  const response = await handler(get('/', { signal: AbortSignal.abort() }))
  expect(response.status).toBe(499)
  await until(() => log.length !== 1)
  expect(['', 'begun,cancelled']).toContain(log.join())
})

test('cancelling the body of the response cancels the handler that writes it', async () => {
  const log: string[] = []
  await using handler = toFetchHandler(
    appWith((app) =>
      app.get('/', () =>
        stream(function* (writer) {
          yield* writer.write('beginning')
          yield* waiting(log)
        }),
      ),
    ),
  )
  const response = await handler(get())
  await until(() => log.length === 1)
  await response.body?.cancel()
  await until(() => log.length === 2)
  expect(log).toEqual(['begun', 'cancelled'])
})

test('a body is written no faster than it is read', async () => {
  let written = 0
  await using handler = toFetchHandler(
    appWith((app) =>
      app.get('/', () =>
        stream(async (writer) => {
          for (let i = 0; i < 100; i++) {
            await writer.write(new Uint8Array(65_536))
            written++
          }
        }),
      ),
    ),
  )
  const response = await handler(get())
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(written).toBeLessThan(10)
  expect((await response.arrayBuffer()).byteLength).toBe(6_553_600)
  expect(written).toBe(100)
})

test('the body of a request is read no faster than the handler wants it', async () => {
  let sent = 0
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++sent > 100) controller.close()
      else controller.enqueue(new Uint8Array(65_536))
    },
  })
  const log: number[] = []
  await using handler = toFetchHandler(
    appWith(
      (app) =>
        app.post('/', async (request) => {
          await request.stream.next()
          await sleep(20)
          log.push(sent)
          let length = 65_536
          for await (const chunk of request.stream) length += chunk.length
          return `${length}`
        }),
      { bodyLimit: 10_000_000 },
    ),
  )
  const response = await handler(get('/', { method: 'POST', body: source, duplex: 'half' } as RequestInit))
  expect(await response.text()).toBe('6553600')
  expect(log[0]).toBeLessThan(10)
})

test('stopping with a deadline cancels what goes on, and says so', async () => {
  const log: string[] = []
  const handler = toFetchHandler(appWith((app) => app.get('/slow', () => waiting(log))))
  const answering = handler(get('/slow'))
  await until(() => log.length === 1)
  expect(await handler.stop({ within: 10 })).toEqual({ finished: 0, cancelled: ['GET /slow'], refused: [] })
  expect((await answering).status).toBe(503)
  expect((await handler(get('/slow'))).status).toBe(503)
})

test('an adapter that was made in a run ends with it, and its handlers too', async () => {
  const log: string[] = []
  let answering: Promise<Response> | null = null
  await run(async () => {
    const handler = toFetchHandler(appWith((app) => app.get('/', () => waiting(log))))
    answering = handler(get())
    await sleep(10)
  })
  expect(log).toEqual(['begun', 'cancelled'])
  expect((await (answering as unknown as Promise<Response>)).status).toBe(503)
})

test('a resource that cannot be opened is reported where nobody has called start()', async () => {
  const reports: string[] = []
  await run(async () => {
    getRunningLoop().setExceptionHandler((_, { message, exception }) =>
      reports.push(`${message}: ${exception}`),
    )
    const app = new Application()
    app.onStart(() => {
      throw new Error('no database')
    })
    const handler = toFetchHandler(app)
    expect((await handler(get())).status).toBe(503)
    await handler.stop()
  })
  expect(reports).toEqual([
    'An application could not be started; its requests are answered with 503: Error: no database',
  ])
})

test('routes cannot be added once it runs, and an application runs once', async () => {
  const app = new Application()
  await using handler = toFetchHandler(app)
  await handler.start()
  expect(() => app.get('/', () => 'late')).toThrow(/run/)
  await using second = toFetchHandler(app)
  await expect(second.start()).rejects.toThrow('The application runs already')
})

test('what is neither an application nor a handler is refused', () => {
  expect(() => toFetchHandler({} as Application)).toThrow('takes an Application')
  expect(() => toExpressHandler('handler' as unknown as Application)).toThrow(
    'takes an Application or a handler',
  )
  expect(() => toFastifyPlugin(null as unknown as Application)).toThrow('takes an Application')
})
