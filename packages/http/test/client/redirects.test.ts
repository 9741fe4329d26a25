import { call, createTask, run, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import type { RequestOptions } from '../../src/index.ts'
import { bodyOf, httpServer } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

interface Echo {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

/** `/to/303/…` redirects with that status to `/…`; any other path tells what it was asked. */
async function redirector() {
  const server = await httpServer(async (request, response) => {
    const body = await bodyOf(request)
    const [, status, rest] = request.url?.match(/^\/to\/(\d+)(\/.*)/) ?? []
    if (status !== undefined)
      return void response.writeHead(Number(status), { location: rest as string }).end('moved')
    const { method, url, headers } = request
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ method, url, headers, body }))
  })
  return { server, session: sessionFor({ baseUrl: server.url }) }
}

describe('a redirect', () => {
  bothSpellings(
    'is followed, and told of in the history',
    ['200 /end', '302 /to/302/to/301/end,301 /to/301/end', 'accepted 1'],
    {
      world: redirector,
      *generator({ server, session }, print) {
        yield* use(session.get('/to/302/to/301/end'), function* (response) {
          print(response.status, new URL(response.url).pathname)
          print(response.history.map(({ status, url }) => `${status} ${new URL(url).pathname}`).join())
          yield* response.text()
        })
        print('accepted', server.accepted)
      },
      async async({ server, session }, print) {
        await using response = await session.get('/to/302/to/301/end')
        print(response.status, new URL(response.url).pathname)
        print(response.history.map(({ status, url }) => `${status} ${new URL(url).pathname}`).join())
        await response.text()
        print('accepted', server.accepted)
      },
    },
  )

  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'DELETE', 'GET', ''],
    [301, 'PUT', 'PUT', 'body'],
    [302, 'PATCH', 'PATCH', 'body'],
    [307, 'POST', 'POST', 'body'],
    [308, 'PUT', 'PUT', 'body'],
  ])('with %i turns %s into %s, as in a browser', async (status, method, expected, body) => {
    const { session } = await redirector()
    const echo = await run(async () => {
      const response = await session.request(method, `/to/${status}/end`, { data: 'body' })
      expect(response.method).toBe(expected)
      return response.json<Echo>()
    })
    expect([echo.method, echo.body]).toEqual([expected, body])
    expect('content-type' in echo.headers).toBe(body !== '')
    expect('content-length' in echo.headers).toBe(body !== '')
  })

  test('of HEAD stays HEAD, and is followed only when that is asked for', async () => {
    const { session, server } = await redirector()
    await run(async () => {
      expect((await session.head('/to/303/end')).status).toBe(303)
      expect((await session.head('/to/303/end', { allowRedirects: true })).status).toBe(200)
    })
    expect(server.asked).toEqual(['HEAD /to/303/end', 'HEAD /to/303/end', 'HEAD /end'])
  })

  test('is given as it is without allowRedirects, and without a location', async () => {
    const { session } = await redirector()
    const plain = await httpServer((_, response) => response.writeHead(302).end('where to?'))
    await run(async () => {
      const response = await session.get('/to/302/end', { allowRedirects: false })
      expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
        302,
        '/end',
        'moved',
      ])
      expect(await (await session.get(plain.url)).text()).toBe('where to?')
      expect((await session.get('/to/304/end')).status).toBe(304)
    })
  })

  test('sends a form again', async () => {
    const { session } = await redirector()
    const form = new FormData()
    form.append('file', new Blob(['contents']), 'a.txt')
    await run(async () => {
      const echo = await (await session.post('/to/307/end', { data: form })).json<Echo>()
      expect(echo.body).toContain('contents')
      expect(echo.headers['content-length']).toBe(String(echo.body.length))
    })
  })

  test('that wants a streamed body again is an error that says what to do', async () => {
    const { session, server } = await redirector()
    function* source() {
      yield 'a'
    }
    const error = await errorOf(() => session.post('/to/307/end', { data: source() }))
    expect(error).toMatchObject({
      name: 'ClientPayloadError',
      method: 'POST',
      url: `${server.url}/to/307/end`,
    })
    expect(error.message).toContain('a streamed one can be read only once. Send it as bytes')
    await run(async () => {
      const echo = await (await session.post('/to/303/end', { data: source() })).json<Echo>()
      expect(echo.method).toBe('GET')
    })
  })

  test('resolves its location, relative and with UTF-8 in it', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/a/b?x') {
        return void response.writeHead(302, { location: Buffer.from('../ü?y#z').toString('latin1') }).end()
      }
      response.end(request.url)
    })
    await run(async () => {
      const response = await sessionFor().get(`${server.url}/a/b?x`)
      expect(await response.text()).toBe('/%C3%BC?y')
      expect(response.url).toBe(`${server.url}/%C3%BC?y`)
    })
  })

  test.each(['http://', 'ftp://host/x', 'mailto:me'])(
    'to %s is an InvalidUrl that says where it came from',
    async (location) => {
      const server = await httpServer((_, response) => response.writeHead(302, { location }).end())
      const session = sessionFor()
      const error = await errorOf(() => session.get(server.url))
      expect(error.name).toBe('InvalidUrl')
      expect(error.message).toContain(`GET ${server.url}/: redirected to "${location}"`)
      expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
    },
  )
})

describe('maxRedirects', () => {
  bothSpellings(
    'ends an endless chase',
    ['TooManyRedirects POLVO_HTTP_TOO_MANY_REDIRECTS 302', '4 asked', 'idle 1'],
    {
      world: async () => {
        const server = await httpServer((_, response) =>
          response.writeHead(302, { location: '/again' }).end(),
        )
        return { server, session: sessionFor({ baseUrl: server.url, maxRedirects: 3 }) }
      },
      *generator({ server, session }, print) {
        try {
          yield* session.get('/again')
        } catch (error) {
          const { name, code, status } = error as Error & { code: string; status: number }
          print(name, code, status)
        }
        print(server.asked.length, 'asked')
        print('idle', session.stats().idle)
      },
      async async({ server, session }, print) {
        try {
          await session.get('/again')
        } catch (error) {
          const { name, code, status } = error as Error & { code: string; status: number }
          print(name, code, status)
        }
        print(server.asked.length, 'asked')
        print('idle', session.stats().idle)
      },
    },
  )

  test('is 10 by default, 0 for none, and tells the URLs it went through', async () => {
    const server = await httpServer((request, response) => {
      response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end()
    })
    const session = sessionFor()
    const error = await errorOf(() => session.get(`${server.url}/1`))
    expect(error.urls).toHaveLength(11)
    expect(error.message).toContain(
      'redirected again after 10 redirects; raise maxRedirects if that is right.',
    )
    const none = await errorOf(() => session.get(`${server.url}/1`, { maxRedirects: 0 }))
    expect(none.urls).toEqual([`${server.url}/1`])
    expect(await errorOf(() => session.get(server.url, { maxRedirects: Number.NaN }))).toBeInstanceOf(
      RangeError,
    )
  })
})

describe('a redirect to another origin', () => {
  async function two(options: RequestOptions) {
    const target = await httpServer((request, response) => response.end(JSON.stringify(request.headers)))
    const source = await httpServer((request, response) => {
      const location = request.url === '/same' ? '/' : `${target.url}/`
      if (request.url === '/') return void response.end(JSON.stringify(request.headers))
      response.writeHead(302, { location }).end()
    })
    const session = sessionFor({ headers: { authorization: 'Bearer session', 'x-mine': '1' } })
    const ask = async (path: string) =>
      run(async () => {
        const response = await session.get(source.url + path, options)
        return response.json<Record<string, string>>({ checkContentType: false })
      })
    return { ask, source, target }
  }

  test('takes no Authorization, Cookie and Host along, but all the rest', async () => {
    const { ask, source, target } = await two({ headers: { Cookie: 'a=1', host: 'example.com' } })
    const same = await ask('/same')
    expect(same).toMatchObject({
      authorization: 'Bearer session',
      cookie: 'a=1',
      'x-mine': '1',
      host: 'example.com',
    })
    const other = await ask('/other')
    expect(other).not.toHaveProperty('authorization')
    expect(other).not.toHaveProperty('cookie')
    expect(other).toMatchObject({ 'x-mine': '1', host: new URL(target.url).host })
    expect(source.accepted).toBe(1)
  })

  test('takes no credentials of the URL along, and heeds those of the location', async () => {
    const target = await httpServer((request, response) =>
      response.end(request.headers.authorization ?? 'none'),
    )
    const source = await httpServer((request, response) => {
      const credentials = request.url === '/with' ? 'new:pw@' : ''
      response.writeHead(302, { location: `http://${credentials}127.0.0.1:${target.port}/` }).end()
    })
    await run(async () => {
      const url = `http://me:secret@127.0.0.1:${source.port}`
      expect(await (await sessionFor().get(`${url}/without`)).text()).toBe('none')
      const response = await sessionFor().get(`${url}/with`)
      expect(await response.text()).toBe(`Basic ${Buffer.from('new:pw').toString('base64')}`)
      expect(response.url).toBe(`${target.url}/`)
      expect(response.history[0]?.url).toBe(`${source.url}/with`)
    })
  })
})

test('a redirect with a large body is hung up on, and followed all the same', async () => {
  const server = await httpServer((request, response) => {
    if (request.url === '/end') return void response.end('end')
    response.writeHead(302, { location: '/end' })
    response.write('x'.repeat(500_000))
  })
  const session = sessionFor()
  await run(async () => expect(await (await session.get(server.url)).text()).toBe('end'))
  expect(server.accepted).toBe(2)
})

test('cancelling between two redirects follows no further', async () => {
  const server = await httpServer((_, response) => {
    response.writeHead(302, { location: '/next' })
    response.write('not all of it')
  })
  const session = sessionFor({ baseUrl: server.url })
  await run(async () => {
    const task = createTask(session.get('/first'))
    await server.untilAsked(1)
    await call(() => new Promise<void>((resolve) => setTimeout(resolve, 20)))
    task.cancel()
    await expect(task).rejects.toThrow()
    expect(session.stats().connections).toBe(0)
  })
  expect(server.asked).toEqual(['GET /first'])
})
