import { createHash } from 'node:crypto'
import type http from 'node:http'
import { type Coroutine, call, createTask, currentTask, run, sleep, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import type { RequestOptions } from '../../src/index.ts'
import { bodyOf, httpServer, until } from '../support/servers.ts'
import { bothSpellings, errorOf, outcomeOf, sessionFor } from '../support/spellings.ts'

interface Echo {
  url: string
  headers: Record<string, string>
  body: string
}

/** A session to a server that tells what it was asked. */
async function echo() {
  const server = await httpServer(async (request, response) => {
    const body = await bodyOf(request)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ url: request.url, headers: request.headers, body }))
  })
  const session = sessionFor({ baseUrl: server.url })
  const ask = async (method: string, path: string, options?: RequestOptions): Promise<Echo> =>
    run(async () => (await session.request(method, path, options)).json<Echo>())
  return { server, session, ask }
}

describe('the URL', () => {
  test.each<[string, string, RequestOptions['params'], string]>([
    [
      'an object, with arrays for names that come again',
      '/p',
      { q: 'x y', tag: ['a', 'b'], n: 3, yes: true },
      '/p?q=x+y&tag=a&tag=b&n=3&yes=true',
    ],
    ['nothing for undefined and null', '/p', { a: undefined, b: null, c: '' }, '/p?c='],
    ['URLSearchParams', '/p', new URLSearchParams('a=1&a=2'), '/p?a=1&a=2'],
    [
      'entries',
      '/p',
      [
        ['a', 1],
        ['b', 2n],
      ],
      '/p?a=1&b=2',
    ],
    [
      "params behind the URL's own query, which stays as it is written",
      '/p?x=%20%7e&y',
      { a: 'b&c' },
      '/p?x=%20%7e&y&a=b%26c',
    ],
    ['no question mark for no params', '/p', {}, '/p'],
    ['no fragment', '/p#part', { a: 1 }, '/p?a=1'],
  ])('is sent with %s', async (_, path, params, expected) => {
    const { ask } = await echo()
    expect((await ask('GET', path, { params })).url).toBe(expected)
  })

  test('gives its credentials to the server in a header, and to nobody else', async () => {
    const { server, session } = await echo()
    const url = `http://us%40er:p%3Aw@127.0.0.1:${server.port}/x`
    await run(async () => {
      const response = await session.get(url)
      const { headers } = await response.json<Echo>()
      expect(headers.authorization).toBe(`Basic ${Buffer.from('us@er:p:w').toString('base64')}`)
      expect(response.url).toBe(`${server.url}/x`)
      const other = await session.get(url, { headers: { Authorization: 'Bearer t' } })
      expect((await other.json<Echo>()).headers.authorization).toBe('Bearer t')
    })
  })

  test.each([
    ['relative/path', 'it is relative, and the session has no baseUrl'],
    ['http://', 'it is not a URL'],
    ['http://user:secret@:1', 'it is not a URL'],
    ['ftp://host/x', 'its scheme is "ftp"; use http or https'],
  ])('is refused when it is %s', async (url, message) => {
    const error = await errorOf(() => sessionFor().get(url))
    expect(error).toMatchObject({ name: 'InvalidUrl', code: 'POLVO_HTTP_INVALID_URL', method: 'GET' })
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('secret')
  })
})

describe('headers', () => {
  test('may be an object, entries or Headers, with several of a name', async () => {
    const { server, session } = await echo()
    await run(async () => {
      for (const headers of [
        { 'X-A': ['1', '2'], 'x-b': 3, 'x-c': undefined },
        [
          ['X-A', '1'],
          ['x-a', '2'],
          ['x-b', '3'],
        ] as [string, string][],
        new Headers([
          ['x-a', '1'],
          ['x-a', '2'],
          ['x-b', '3'],
        ]),
      ]) {
        const echoed = await (await session.get(server.url, { headers })).json<Echo>()
        expect(echoed.headers).toMatchObject({ 'x-a': '1, 2', 'x-b': '3' })
        expect(echoed.headers).not.toHaveProperty('x-c')
      }
    })
  })

  test.each<[string, RequestOptions]>([
    ['a line break in a value', { headers: { 'x-a': 'b\r\nx-c: d' } }],
    ['a name that is no token', { headers: { 'x a': 'b' } }],
    ["a header that is not the caller's", { headers: { 'transfer-encoding': 'chunked' } }],
    ['a length that is not that of the body', { headers: { 'content-length': '7' }, data: 'abc' }],
    ['headers that are none', { headers: 'x-a: b' as never }],
    ['json and data at once', { json: 1, data: 'a' }],
    ['json that JSON cannot say', { json: () => {} }],
    ['data that is a plain object', { data: { a: 1 } as never }],
    ['a method that is none', { data: 'x', headers: { connection: 'a b' } }],
  ])('and the rest are refused as misuse: %s', async (_, options) => {
    const { server, session } = await echo()
    const error = await errorOf(() => session.post('/', options))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.code).toBe('POLVO_MISUSE')
    expect(server.asked).toEqual([])
    expect(await run(async () => (await session.get('/')).status)).toBe(200)
    expect(session.stats().connections).toBe(1)
  })
})

describe('the body', () => {
  const form = new URLSearchParams({ a: '1 2', b: 'ü' })
  test.each<[string, RequestOptions, string | undefined, string]>([
    ['json', { json: { a: [1, null] } }, 'application/json', '{"a":[1,null]}'],
    ['json that is null', { json: null }, 'application/json', 'null'],
    ['text', { data: 'grüße' }, 'text/plain;charset=utf-8', 'grüße'],
    ['empty text', { data: '' }, 'text/plain;charset=utf-8', ''],
    ['bytes', { data: new TextEncoder().encode('xabcx').subarray(1, 4) }, 'application/octet-stream', 'abc'],
    [
      'an ArrayBuffer',
      { data: new TextEncoder().encode('abc').buffer as ArrayBuffer },
      'application/octet-stream',
      'abc',
    ],
    ['an array of bytes', { data: ['a', Buffer.from('bc')] }, 'application/octet-stream', 'abc'],
    ['URLSearchParams', { data: form }, 'application/x-www-form-urlencoded;charset=utf-8', 'a=1+2&b=%C3%BC'],
    ['a Blob', { data: new Blob(['ab', 'c'], { type: 'text/x' }) }, 'text/x', 'abc'],
    ['a type of the caller', { data: 'abc', headers: { 'Content-Type': 'text/x' } }, 'text/x', 'abc'],
    ['none', {}, undefined, ''],
  ])('is sent with its type and length: %s', async (_, options, type, body) => {
    const { ask } = await echo()
    const echoed = await ask('POST', '/', options)
    expect(echoed.headers['content-type']).toBe(type)
    expect(echoed.headers['content-length']).toBe(String(Buffer.byteLength(body)))
    expect(echoed.body).toBe(body)
  })

  test('is a multipart form with its length, files and awkward names', async () => {
    const { session } = await echo()
    const server = await httpServer(async (request, response) => {
      const received = await new Response(await bodyOf(request), {
        headers: { 'content-type': request.headers['content-type'] as string },
      }).formData()
      const file = received.get('file"\r\n1') as File
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify([
          request.headers['content-length'],
          received.getAll('a'),
          file.name,
          file.type,
          await file.text(),
        ]),
      )
    })
    const form = new FormData()
    form.append('a', 'one\ntwo')
    form.append('a', '2')
    form.append('file"\r\n1', new Blob(['hello'], { type: 'text/plain' }), 'na"me.txt')
    form.append('plain', new Blob(['x']))
    await run(async () => {
      const [length, a, ...file] = await (await session.post(server.url, { data: form })).json<unknown[]>()
      expect(Number(length)).toBeGreaterThan(300)
      expect(a).toEqual(['one\r\ntwo', '2'])
      expect(file).toEqual(['na"me.txt', 'text/plain', 'hello'])
    })
  })
})

describe('a streamed body', () => {
  function* chunks() {
    yield 'ab'
    yield new TextEncoder().encode('cd')
    yield ''
    yield 'e'
  }
  async function* asyncChunks() {
    yield* chunks()
  }

  bothSpellings(
    'is sent chunked, from any iterable',
    ['chunked undefined abcde', 'chunked undefined abcde', 'chunked undefined abcde'],
    {
      world: echo,
      *generator({ session }, print) {
        for (const data of [chunks(), asyncChunks(), new Blob(['abc', 'de']).stream()]) {
          const { headers, body } = yield* use(session.post('/', { data }), (response) =>
            response.json<Echo>(),
          )
          print(headers['transfer-encoding'], headers['content-length'], body)
        }
      },
      async async({ session }, print) {
        for (const data of [chunks(), asyncChunks(), new Blob(['abc', 'de']).stream()]) {
          await using response = await session.post('/', { data })
          const { headers, body } = await response.json<Echo>()
          print(headers['transfer-encoding'], headers['content-length'], body)
        }
      },
    },
  )

  test('may be the response to another request', async () => {
    const { session } = await echo()
    const source = await httpServer((_, response) => response.end('x'.repeat(300_000)))
    await run(async () => {
      const { body } = await (await session.post('/', { data: await session.get(source.url) })).json<Echo>()
      expect(body).toHaveLength(300_000)
    })
    expect(session.stats().idle).toBe(2)
  })

  test('is sent with a length where the caller knows it', async () => {
    const { ask } = await echo()
    const { headers, body } = await ask('POST', '/', {
      data: asyncChunks(),
      headers: { 'content-length': '5' },
    })
    expect(headers['content-length']).toBe('5')
    expect(body).toBe('abcde')
  })

  test('runs in a task of its own that can await, with the context of the one that sends', async () => {
    const { session } = await echo()
    const seen: string[] = []
    async function* slowly() {
      seen.push(currentTask()?.getName() ?? 'none')
      await sleep(5)
      yield 'a'
      seen.push(currentTask()?.getName() ?? 'none')
      await sleep(5)
      yield 'b'
    }
    await run(async () => {
      const { body } = await (await session.post('/', { data: slowly() })).json<Echo>()
      expect(body).toBe('ab')
    })
    expect(seen).toEqual(['upload', 'upload'])
  })

  test('is taken only as fast as the server reads it', async () => {
    let request: http.IncomingMessage | null = null
    const server = await httpServer((incoming, response) => {
      request = incoming
      incoming.pause()
      incoming.on('end', () => response.end('done'))
    })
    let given = 0
    function* endless() {
      for (; given < 1000; given++) yield Buffer.alloc(65_536)
    }
    const session = sessionFor()
    await run(async () => {
      const posting = createTask(async () => (await session.post(server.url, { data: endless() })).text())
      await until(() => request !== null)
      await sleep(200)
      const before = given
      expect(before).toBeLessThan(300)
      await sleep(50)
      expect(given).toBe(before)
      request!.resume()
      expect(await posting).toBe('done')
    })
    expect(given).toBe(1000)
  })

  bothSpellings('that fails fails the request with its own error', ['RangeError', 'connections 0'], {
    world: echo,
    *generator({ session }, print) {
      async function* broken() {
        yield 'a'
        throw new RangeError('no more')
      }
      try {
        yield* session.post('/', { data: broken() })
      } catch (error) {
        print(error)
      }
      print('connections', session.stats().connections)
    },
    async async({ session }, print) {
      function* broken() {
        yield 'a'
        throw new RangeError('no more')
      }
      try {
        await session.post('/', { data: broken() })
      } catch (error) {
        print(error)
      }
      print('connections', session.stats().connections)
    },
  })

  test('that gives no bytes is misuse', async () => {
    const { session } = await echo()
    const error = await errorOf(() => session.post('/', { data: new Set([{}]) as never }))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain('A streamed body gives Uint8Array or string chunks')
  })

  bothSpellings(
    'is cancelled with the request, also where it awaits',
    ['cleaned up', 'CancelledError', 'connections 0'],
    {
      world: echo,
      *generator({ session }, print) {
        async function* slow() {
          try {
            yield 'a'
            await sleep(60_000)
          } finally {
            print('cleaned up')
          }
        }
        const task = createTask(post, slow())
        yield* sleep(30)
        task.cancel()
        yield* sleep(5)
        print(yield* outcomeOf(task))
        print('connections', session.stats().connections)
        function* post(data: AsyncIterable<string>): Coroutine {
          yield* session.post('/', { data })
        }
      },
      async async({ session }, print) {
        async function* slow() {
          try {
            yield 'a'
            await sleep(60_000)
          } finally {
            print('cleaned up')
          }
        }
        const task = createTask(async () => void (await session.post('/', { data: slow() })))
        await sleep(30)
        task.cancel()
        await sleep(5)
        print(await call(outcomeOf, task))
        print('connections', session.stats().connections)
      },
    },
  )

  test('is not touched while the request waits for a connection', async () => {
    const server = await httpServer(() => {})
    const session = sessionFor({ limit: 1 })
    let isTouched = false
    function* source() {
      isTouched = true
      yield 'a'
    }
    await run(async () => {
      const first = createTask(async () => void (await session.get(server.url)))
      await server.untilAsked(1)
      const second = createTask(async () => void (await session.post(server.url, { data: source() })))
      await sleep(20)
      second.cancel()
      first.cancel()
    })
    expect(isTouched).toBe(false)
  })

  test('is given up when the server answers without reading it', async () => {
    const server = await httpServer((_, response) => void response.writeHead(413).end('too much'))
    const session = sessionFor()
    let ended = false
    async function* endless() {
      try {
        for (;;) {
          yield Buffer.alloc(1000)
          await sleep(1)
        }
      } finally {
        ended = true
      }
    }
    await run(async () => {
      const response = await session.post(server.url, { data: endless() })
      expect(response.status).toBe(413)
      expect(await response.text()).toBe('too much')
      await sleep(20)
      expect(ended).toBe(true)
      expect((await session.get(server.url)).status).toBe(413)
    })
  })

  test('does as little harm with an empty source as no body', async () => {
    const { ask } = await echo()
    expect((await ask('POST', '/', { data: new Set<string>() })).body).toBe('')
  })
})

test('streams 100 MB in little memory', async () => {
  const server = await httpServer((request, response) => {
    const hash = createHash('sha1')
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.on('end', () => response.end(hash.digest('hex')))
  })
  const session = sessionFor()
  const chunk = Buffer.alloc(65_536, 'x')
  function* many() {
    for (let i = 0; i < 1600; i++) yield chunk
  }
  const before = process.memoryUsage().rss
  const digest = await run(async () => (await session.post(server.url, { data: many() })).text())
  expect(process.memoryUsage().rss - before).toBeLessThan(80e6)
  const expected = createHash('sha1')
  for (const piece of many()) expected.update(piece)
  expect(digest).toBe(expected.digest('hex'))
})
