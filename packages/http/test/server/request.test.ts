// What a handler sees of a request, and how it reads its body.
import { forEach, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { HttpPayloadTooLarge, StateKey } from '../../src/index.ts'
import { appWith, ask, RawClient, serving, until } from './support/serving.ts'

test('method, path, query, header, cookies and the one who asks', async () => {
  const app = appWith((app) =>
    app.get('/a/:b', (request) => ({
      method: request.method,
      url: request.url,
      path: request.path,
      query: request.query.getAll('x'),
      agent: request.header('User-Agent'),
      accept: request.headers.accept,
      cookies: request.cookies,
      address: request.remoteAddress,
      route: request.routePath,
      secure: request.isSecure,
      host: request.host.startsWith('127.0.0.1:'),
      text: String(request),
    })),
  )
  await serving(app, async ({ url }) => {
    const [, body] = await ask(`${url}/a/c%20d?x=1&x=%C3%A4`, {
      headers: { 'user-agent': 'test', accept: 'text/x', cookie: 'a=1; b=%C3%A4' },
    })
    expect(JSON.parse(body)).toEqual({
      method: 'GET',
      url: '/a/c%20d?x=1&x=%C3%A4',
      path: '/a/c%20d',
      query: ['1', 'ä'],
      agent: 'test',
      accept: 'text/x',
      cookies: { a: '1', b: 'ä' },
      address: '127.0.0.1',
      route: '/a/:b',
      secure: false,
      host: true,
      text: '<HttpRequest GET /a/c%20d?x=1&x=%C3%A4>',
    })
  })
})

test('state of a request goes from a middleware to the handler, by a typed key', async () => {
  const user = new StateKey<{ name: string }>('user')
  const app = appWith((app) => {
    app.use((request, next) => {
      request.state.set(user, { name: 'Ada' })
      return next()
    })
    app.get('/', ({ state }) => state.get(user).name)
    app.get('/missing', ({ state }) => String(state.get(new StateKey<string>('other'), 'fallback')))
  })
  await serving(app, async ({ url }) => {
    expect(await ask(url)).toEqual([200, 'Ada'])
    expect(await ask(`${url}/missing`)).toEqual([200, 'fallback'])
  })
})

const post = (body: NonNullable<RequestInit['body']>, type?: string) => ({
  method: 'POST',
  body,
  ...(type !== undefined && { headers: { 'content-type': type } }),
})

describe.each(['generator', 'async'] as const)('the body (%s)', (spelling) => {
  const app = () =>
    appWith((app) => {
      if (spelling === 'generator') {
        app.post('/text', function* (request) {
          return yield* request.text()
        })
        app.post('/json', function* (request) {
          return { got: yield* request.json() }
        })
        app.post('/bytes', function* (request) {
          return String((yield* request.bytes()).length)
        })
        app.post('/form', function* (request) {
          const form = yield* request.form()
          return { names: form.names, a: form.getAll('a') }
        })
        app.post('/stream', function* (request) {
          let size = 0
          yield* forEach(request.stream, (chunk) => {
            size += chunk.length
          })
          return String(size)
        })
      } else {
        app.post('/text', async (request) => await request.text())
        app.post('/json', async (request) => ({ got: await request.json() }))
        app.post('/bytes', async (request) => String((await request.bytes()).length))
        app.post('/form', async (request) => {
          const form = await request.form()
          return { names: form.names, a: form.getAll('a') }
        })
        app.post('/stream', async (request) => {
          let size = 0
          for await (const chunk of request.stream) size += chunk.length
          return String(size)
        })
      }
    })

  test('is read as text, JSON, bytes and a form', async () => {
    await serving(app(), async ({ url }) => {
      expect(await ask(`${url}/text`, post('grüße'))).toEqual([200, 'grüße'])
      expect(await ask(`${url}/json`, post('{"a":1}', 'application/json'))).toEqual([200, '{"got":{"a":1}}'])
      expect(await ask(`${url}/json`, post('[1]', 'application/vnd.api+json; charset=utf-8'))).toEqual([
        200,
        '{"got":[1]}',
      ])
      expect(await ask(`${url}/bytes`, post(new Uint8Array(100_000)))).toEqual([200, '100000'])
      expect(await ask(`${url}/form`, post(new URLSearchParams('a=1&a=%C3%A4&b=')))).toEqual([
        200,
        '{"names":["a","b"],"a":["1","ä"]}',
      ])
      expect(await ask(`${url}/text`, { method: 'POST' })).toEqual([200, ''])
    })
  })

  test('is read as it arrives', async () => {
    await serving(app(), async ({ url }) => {
      expect(await ask(`${url}/stream`, post(new Uint8Array(900_000)))).toEqual([200, '900000'])
    })
  })
})

test('text is in the charset of its content-type', async () => {
  const app = appWith((app) => app.post('/', async (request) => await request.text()))
  await serving(app, async ({ url }) => {
    expect(await ask(url, post(new Uint8Array([0xe4]), 'text/plain; charset=iso-8859-1'))).toEqual([200, 'ä'])
    expect((await ask(url, post('x', 'text/plain; charset=nonsense')))[0]).toBe(415)
  })
})

test('text, json and bytes may be read one after another', async () => {
  const app = appWith((app) =>
    app.post('/', async (request) => [
      await request.text(),
      await request.json(),
      (await request.bytes()).length,
    ]),
  )
  await serving(app, async ({ url }) => {
    expect(await ask(url, post('{"a":1}', 'application/json'))).toEqual([200, '["{\\"a\\":1}",{"a":1},7]'])
  })
})

test('JSON that is none is a 400 that says where, and another type a 415', async () => {
  const app = appWith((app) => {
    app.post('/', async (request) => await request.json<object>())
    app.post('/any', async (request) => await request.json<object>({ anyType: true }))
  })
  await serving(app, async ({ url }) => {
    const [status, body] = await ask(url, post('{"a":', 'application/json'))
    expect(status).toBe(400)
    expect(body).toContain('no valid JSON')
    expect((await ask(url, post('{}', 'text/plain')))[0]).toBe(415)
    expect(await ask(`${url}/any`, post('{"a":1}', 'text/plain'))).toEqual([200, '{"a":1}'])
  })
})

describe('a body that is longer than the limit', () => {
  const app = () =>
    appWith(
      (app) => {
        app.post('/', async (request) => (await request.text()).length.toString())
        app.post('/large', async (request) => (await request.text()).length.toString(), { bodyLimit: 2_000 })
        app.post('/caught', async (request) => {
          try {
            return await request.text()
          } catch (error) {
            return String(error instanceof HttpPayloadTooLarge)
          }
        })
      },
      { bodyLimit: 1_000 },
    )

  test('is a 413, by its content-length before any of it is read', async () => {
    await serving(app(), async (served) => {
      const client = (await RawClient.to(served)).send(
        'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n',
      )
      const received = await client.untilClosed()
      expect(received).toContain('413 Payload Too Large')
      expect(received.toLowerCase()).toContain('connection: close')
    })
  })

  test('is a 413 without a content-length as well', async () => {
    await serving(app(), async (served) => {
      const client = (await RawClient.to(served)).send(
        'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n',
      )
      client.send(`3e8\r\n${'x'.repeat(1000)}\r\n1\r\nx\r\n`)
      expect(await client.untilReceived('413')).toContain('413 Payload Too Large')
    })
  })

  test('may be allowed by the route, or handled', async () => {
    await serving(app(), async ({ url }) => {
      expect(await ask(`${url}/large`, post('x'.repeat(2_000)))).toEqual([200, '2000'])
      expect((await ask(`${url}/large`, post('x'.repeat(2_001))))[0]).toBe(413)
      expect(await ask(`${url}/caught`, post('x'.repeat(2_001)))).toEqual([200, 'true'])
    })
  })
})

test('a client is made to wait while nobody reads, and the connection serves on', async () => {
  let isRead = false
  const app = appWith((app) => {
    app.post(
      '/',
      async (request) => {
        await request.stream.next()
        await sleep(100)
        isRead = true
        let size = 0
        for await (const chunk of request.stream) size += chunk.length
        return `${size > 0}`
      },
      { bodyLimit: 1e9 },
    )
    app.get('/', () => 'next')
  })
  await serving(app, async (served) => {
    const size = 30_000_000
    const client = (await RawClient.to(served)).send(
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${size}\r\n\r\n`,
    )
    let isSent = false
    client.socket.write('x'.repeat(size), () => {
      isSent = true
    })
    await until(() => served.server.requests === 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([isSent, isRead]).toEqual([false, false])
    await client.untilReceived('true')
    client.get('/')
    await client.untilReceived('next')
  })
})

test('a body that nobody reads does not disturb the next request', async () => {
  const app = appWith((app) => {
    app.post('/', () => 'not read')
    app.get('/', () => 'next')
  })
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).send(
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n`,
    )
    await client.untilReceived('not read')
    client.send('x'.repeat(100_000)).get('/')
    await client.untilReceived('next')
  })
})

test('a client that waits to be told to go on is told', async () => {
  const app = appWith((app) => app.post('/', async (request) => await request.text()))
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).send(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n',
    )
    await client.untilReceived('100 Continue')
    client.send('ok')
    expect(await client.untilReceived('ok')).toContain('200 OK')
  })
})

test('a cancelled read loses nothing', async () => {
  const app = appWith((app) =>
    app.post('/', async (request) => {
      const { moveOnAfter } = await import('polvo')
      const first = await moveOnAfter(10, () => request.stream.next())
      const chunks: string[] = []
      for await (const chunk of request.stream) chunks.push(chunk.toString())
      return `${first === undefined} ${chunks.join('')}`
    }),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).send(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n',
    )
    await new Promise((resolve) => setTimeout(resolve, 40))
    client.send('whole')
    await client.untilReceived('true whole')
  })
})

test('a body that was read as a stream is not there a second time', async () => {
  const app = appWith((app) =>
    app.post('/', async (request) => {
      await request.stream.next()
      return await request.text()
    }),
  )
  await serving(app, async ({ url, reports }) => {
    expect((await ask(url, post('x')))[0]).toBe(500)
    expect(reports.join()).toContain('it is read once')
  })
})
