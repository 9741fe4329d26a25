// What a handler may return, and what is sent for it.
import { call, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { bytes, HttpResponse, html, json, redirect, StreamResponse, stream, text } from '../../src/index.ts'
import { appWith, ask, RawClient, serving } from './support/serving.ts'

async function answerTo(handler: () => unknown): Promise<Response & { reports: string[] }> {
  let response!: Response
  let reports: string[] = []
  await serving(
    appWith((app) => app.get('/', handler)),
    async (served) => {
      const received = await fetch(served.url, { redirect: 'manual' })
      const body = await received.arrayBuffer()
      response = new Response([204, 304].includes(received.status) ? null : body, received)
      reports = served.reports
    },
  )
  return Object.assign(response, { reports })
}

describe('a handler may return', () => {
  test.each<[string, () => unknown, string, string]>([
    ['a string', () => 'grüße', 'text/plain; charset=utf-8', 'grüße'],
    ['a plain object', () => ({ a: 1 }), 'application/json; charset=utf-8', '{"a":1}'],
    ['an array', () => [1, 2], 'application/json; charset=utf-8', '[1,2]'],
    [
      'something with toJSON',
      () => new Date(0),
      'application/json; charset=utf-8',
      '"1970-01-01T00:00:00.000Z"',
    ],
    ['bytes', () => new Uint8Array([104, 105]), 'application/octet-stream', 'hi'],
    ['text()', () => text('hi'), 'text/plain; charset=utf-8', 'hi'],
    ['html()', () => html('<p>'), 'text/html; charset=utf-8', '<p>'],
    ['json()', () => json('hi'), 'application/json; charset=utf-8', '"hi"'],
    [
      'bytes()',
      () => bytes(Buffer.from('hi'), { headers: { 'content-type': 'image/png' } }),
      'image/png',
      'hi',
    ],
    ['a web Response', () => new Response('hi', { headers: { 'content-type': 'text/x' } }), 'text/x', 'hi'],
    ['an operation', () => call(async () => 'hi'), 'text/plain; charset=utf-8', 'hi'],
    [
      'a coroutine',
      () =>
        (function* () {
          yield* sleep(1)
          return 'hi'
        })(),
      'text/plain; charset=utf-8',
      'hi',
    ],
    ['a promise', () => Promise.resolve('hi'), 'text/plain; charset=utf-8', 'hi'],
  ])('%s', async (_, handler, type, body) => {
    const response = await answerTo(handler)
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      type,
      body,
    ])
    expect(response.reports).toEqual([])
  })

  test.each([
    ['nothing', () => undefined, 'undefined'],
    ['null', () => null, 'null'],
    ['a number', () => 7, 'number 7'],
    ['a function', () => () => '', 'a function'],
    ['a Map', () => new Map(), 'a Map'],
  ])('not %s: that is a 500, and a report that says what may be returned', async (_, handler, shown) => {
    const response = await answerTo(handler)
    expect(response.status).toBe(500)
    expect(response.reports.join()).toContain(`A handler returned ${shown}`)
  })
})

test('status and header are as the options say, and can be changed afterwards', async () => {
  const response = await answerTo(() =>
    text('made', {
      status: 201,
      headers: { 'X-One': '1', 'x-many': ['a', 'b'], 'content-type': 'text/x', etag: '"1"' },
    })
      .setHeader('x-one', 2)
      .appendHeader('x-many', 'c')
      .removeHeader('etag'),
  )
  expect(response.status).toBe(201)
  expect(response.headers.get('x-one')).toBe('2')
  expect(response.headers.get('x-many')).toBe('a, b, c')
  expect(response.headers.get('content-type')).toBe('text/x')
  expect(response.headers.get('etag')).toBe(null)
})

test('a response knows its header', () => {
  const response = json({}, { headers: { 'x-a': ['1', '2'] } })
  expect([response.getHeader('X-A'), response.getHeaders('x-a'), response.getHeader('x-b')]).toEqual([
    '1',
    ['1', '2'],
    undefined,
  ])
  expect([response.getHeader('content-type'), response.body, response.isStreamed]).toEqual([
    'application/json; charset=utf-8',
    '{}',
    false,
  ])
  response.status = 404
  expect(String(response)).toBe('<HttpResponse 404 Not Found>')
})

test('cookies are set out of the reach of scripts, unless the options say otherwise', async () => {
  const response = await answerTo(() =>
    text('')
      .setCookie('a', 'ü;')
      .setCookie('b', '1', { httpOnly: false, maxAge: 60, path: '/x' })
      .deleteCookie('c'),
  )
  expect(response.headers.getSetCookie()).toEqual([
    'a=%C3%BC%3B; Path=/; HttpOnly; SameSite=Lax',
    'b=1; Max-Age=60; Path=/x; SameSite=Lax',
    'c=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
  ])
})

test('redirect() sends elsewhere', async () => {
  const there = await answerTo(() => redirect('/ä?x=ü'))
  expect([there.status, there.headers.get('location')]).toEqual([302, '/%C3%A4?x=%C3%BC'])
  expect((await answerTo(() => redirect(new URL('https://example.com/'), { status: 303 }))).status).toBe(303)
})

test('204 and 304 have no body', async () => {
  const response = await answerTo(() => new HttpResponse('not sent', { status: 204 }))
  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
    204,
    null,
    '',
  ])
})

describe('what would break out of a header is refused', () => {
  test.each<[string, () => unknown]>([
    ['a line break in a value', () => text('', { headers: { 'x-a': 'a\r\nset-cookie: b=1' } })],
    ['a line break in a redirect', () => redirect('/\r\nx: y')],
    ['a NUL', () => text('').setHeader('x-a', '\0')],
    ['a character beyond Latin-1', () => text('').setHeader('x-a', '☃')],
    ['a name that is none', () => text('').setHeader('x a', '1')],
    ['a value that is no text', () => text('').setHeader('x-a', {} as string)],
    ['a cookie with a line break in its name', () => text('').setCookie('a\r\nb', '1')],
  ])('%s', async (_, handler) => {
    const response = await answerTo(handler)
    expect(response.status).toBe(500)
    expect(response.headers.get('set-cookie')).toBe(null)
    expect(response.reports.join()).toContain('TypeError')
  })

  test('a status that cannot be', () => {
    expect(() => text('', { status: 99 })).toThrow('from 200 to 599')
    expect(() => new HttpResponse(null, { status: 600 })).toThrow('from 200 to 599')
  })
})

describe('stream()', () => {
  test.each<[string, () => unknown]>([
    [
      'a function in the generator spelling',
      () =>
        stream(function* (writer) {
          yield* writer.write('a')
          yield* sleep(1)
          yield* writer.write(Buffer.from('b'))
        }),
    ],
    [
      'an async function',
      () =>
        stream(async (writer) => {
          await writer.write('a')
          await sleep(1)
          await writer.write('b')
        }),
    ],
    ['an iterable', () => stream(['a', Buffer.from('b')])],
    [
      'an async iterable',
      () =>
        stream(
          (async function* () {
            yield 'a'
            yield 'b'
          })(),
        ),
    ],
    ['a web stream', () => stream(new Response('ab').body as ReadableStream<Uint8Array>)],
  ])('takes %s', async (_, handler) => {
    const response = await answerTo(handler)
    expect([response.status, await response.text()]).toEqual([200, 'ab'])
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
  })

  test('refuses what cannot be iterated', () => {
    expect(() => stream(7 as never)).toThrow('number 7')
  })

  test('sends what is written at once, and no faster than the client takes it', async () => {
    let written = 0
    const app = appWith((app) =>
      app.get('/', () =>
        stream(function* (writer) {
          for (let i = 0; i < 400; i++) {
            yield* writer.write('x'.repeat(100_000))
            written++
          }
        }),
      ),
    )
    await serving(app, async (served) => {
      const client = await RawClient.to(served)
      client.socket.pause()
      client.get('/')
      await new Promise((resolve) => setTimeout(resolve, 150))
      expect(written).toBeLessThan(300)
      client.socket.resume()
      await client.untilReceived('\r\n0\r\n\r\n')
      expect(written).toBe(400)
    })
  })

  test('cuts the response short where writing fails, so that the client sees that it is not whole', async () => {
    const app = appWith((app) =>
      app.get('/', () =>
        stream(function* (writer) {
          yield* writer.write('begun')
          yield* sleep(5)
          throw new Error('no more')
        }),
      ),
    )
    await serving(app, async ({ url, reports }) => {
      const response = await fetch(url)
      await expect(response.text()).rejects.toThrow()
      expect(reports.join()).toContain('cut short: Error: no more')
    })
  })

  test('answers HEAD without running the function', async () => {
    let isRun = false
    const app = appWith((app) =>
      app.get('/', () =>
        stream(() => {
          isRun = true
        }),
      ),
    )
    await serving(app, async ({ url }) => {
      expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
      expect(isRun).toBe(false)
    })
  })
})

describe('StreamResponse', () => {
  test('is sent step by step, as in aiohttp', async () => {
    const app = appWith((app) =>
      app.get('/', function* (request) {
        const response = new StreamResponse({ headers: { 'content-type': 'text/csv' } })
        yield* response.prepare(request)
        for (const row of ['a\n', 'b\n']) yield* response.write(row)
        yield* response.writeEof()
        return response
      }),
    )
    await serving(app, async ({ url, reports }) => {
      const response = await fetch(url)
      expect([response.headers.get('content-type'), await response.text()]).toEqual(['text/csv', 'a\nb\n'])
      expect(reports).toEqual([])
    })
  })

  test('is ended where the handler only returns it', async () => {
    const app = appWith((app) =>
      app.get('/', async (request) => {
        const response = new StreamResponse()
        await response.prepare(request)
        await response.write('all')
        return response
      }),
    )
    await serving(app, async ({ url }) => expect(await ask(url)).toEqual([200, 'all']))
  })

  test('says what is wrong where the steps are in another order', async () => {
    const app = appWith((app) =>
      app.get('/', async (request) => {
        const response = new StreamResponse()
        const errors: string[] = []
        await Promise.resolve(response.write('early')).catch((error: Error) => errors.push(error.message))
        await response.prepare(request)
        await Promise.resolve(response.prepare(request)).catch((error: Error) => errors.push(error.message))
        await response.write(errors.join(' '))
        return response
      }),
    )
    await serving(app, async ({ url }) => {
      expect((await ask(url))[1]).toBe(
        'The response takes no body now. Call prepare(request) before. The response is prepared already; it is sent once.',
      )
    })
  })
})

test('requests that come without waiting for the responses get theirs in order', async () => {
  const app = appWith((app) => {
    app.get('/slow', async () => {
      await sleep(30)
      return 'first-'
    })
    app.get('/fast', () => 'second-')
  })
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/slow').get('/fast')
    const received = await client.untilReceived('second-')
    expect(received.indexOf('first-')).toBeLessThan(received.indexOf('second-'))
  })
})
