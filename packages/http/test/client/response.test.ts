import { createHash, randomBytes } from 'node:crypto'
import { createTask, forEach, InvalidStateError, run, sleep, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import type { ClientResponse } from '../../src/index.ts'
import { cannedServer, httpServer, rawServer } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

/** A session to a server that answers with `body`, of type `type`. */
async function serving(body: string | Buffer, type = 'text/plain', status = 200) {
  const server = await httpServer((_, response) =>
    response.writeHead(status, { 'content-type': type }).end(body),
  )
  return { server, session: sessionFor({ baseUrl: server.url }) }
}

/** A response of which `parts` are sent, `ms` apart, and that ends after the last. */
async function dripping(parts: readonly string[], ms = 5) {
  const server = await httpServer(async (_, response) => {
    for (const part of parts) {
      response.write(part)
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
    response.end()
  })
  return { server, session: sessionFor({ baseUrl: server.url }) }
}

describe('the head', () => {
  test('has the status, reason, headers, method and URL', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(404, 'Gone Fishing', { 'X-A': '1', 'set-cookie': ['a=1', 'b=2'] }).end()
    })
    const session = sessionFor()
    await run(async () => {
      const response = await session.get(`${server.url}/x?y#z`)
      expect(response).toMatchObject({
        status: 404,
        reason: 'Gone Fishing',
        ok: false,
        method: 'GET',
        history: [],
      })
      expect(response.url).toBe(`${server.url}/x?y`)
      expect(response.headers).toBeInstanceOf(Headers)
      expect(response.headers.get('x-a')).toBe('1')
      expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
      expect(String(response)).toBe(`<ClientResponse GET ${server.url}/x?y 404 Gone Fishing>`)
      expect(() => response.raiseForStatus()).toThrow('the server answered 404 Gone Fishing')
    })
  })

  test('raises for no status below 400', async () => {
    const { session } = await serving('ok', 'text/plain', 304)
    await run(async () => (await session.get('/')).raiseForStatus())
  })

  test('comes after informational ones', async () => {
    const server = await cannedServer(
      'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi',
    )
    await run(async () => {
      const response = await sessionFor().get(server.url)
      expect([response.status, await response.text()]).toEqual([200, 'hi'])
    })
  })
})

describe('the body as a whole', () => {
  bothSpellings('is text, bytes and text again', ['grüße 7 grüße'], {
    world: () => serving('grüße'),
    *generator({ session }, print) {
      yield* use(session.get('/'), function* (response) {
        print(yield* response.text(), (yield* response.bytes()).length, yield* response.text())
      })
    },
    async async({ session }, print) {
      await using response = await session.get('/')
      print(await response.text(), (await response.bytes()).length, await response.text())
    },
  })

  bothSpellings('is put together from what arrives bit by bit', ['abc'], {
    world: () => dripping(['a', 'b', 'c']),
    *generator({ session }, print) {
      print(yield* use(session.get('/'), (response) => response.text()))
    },
    async async({ session }, print) {
      await using response = await session.get('/')
      print(await response.text())
    },
  })

  test('can be read again after the response was closed, if it was read before', async () => {
    const { session } = await serving('kept')
    await run(async () => {
      const response = await session.get('/')
      await response.text()
      response.close()
      await response.release()
      expect(await response.text()).toBe('kept')
    })
  })

  test('is a plain Uint8Array of exactly its bytes', async () => {
    const { session } = await serving(Buffer.from([1, 2, 255]))
    await run(async () => {
      const bytes = await (await session.get('/')).bytes()
      expect(bytes).toStrictEqual(new Uint8Array([1, 2, 255]))
    })
  })

  test('is decoded by the charset of its type, by the one that is given, and without a byte order mark', async () => {
    const latin1 = await serving(Buffer.from('grüße', 'latin1'), 'text/plain; charset="ISO-8859-1"')
    const marked = await serving('\ufeffmarked')
    const unknown = await serving('x', 'text/plain; charset=klingon')
    await run(async () => {
      expect(await (await latin1.session.get('/')).text()).toBe('grüße')
      expect(await (await marked.session.get('/')).text()).toBe('marked')
      expect(await (await unknown.session.get('/')).text({ encoding: 'utf-8' })).toBe('x')
    })
    const error = await errorOf(async () => (await unknown.session.get('/')).text())
    expect(error).toMatchObject({ name: 'ClientPayloadError', code: 'POLVO_HTTP_PAYLOAD' })
    expect(error.message).toContain('unknown encoding, "klingon"')
  })

  test('is larger than what is kept for a reader who is late', async () => {
    const big = randomBytes(3_000_000)
    const { session } = await serving(big)
    await run(async () => {
      const response = await session.get('/')
      await sleep(30)
      const digest = createHash('sha1')
        .update(await response.bytes())
        .digest('hex')
      expect(digest).toBe(createHash('sha1').update(big).digest('hex'))
    })
    expect(session.stats().idle).toBe(1)
  })

  test.each([
    ['an answer to HEAD', 'HEAD', 200],
    ['a 204', 'GET', 204],
    ['a 304', 'GET', 304],
  ])('is empty for %s', async (_, method, status) => {
    const server = await httpServer((_, response) => {
      response.writeHead(status, method === 'HEAD' ? { 'content-length': 1000 } : {}).end()
    })
    const session = sessionFor()
    await run(async () => {
      const response = await session.request(method, server.url)
      expect([response.status, await response.text(), (await response.bytes()).length]).toEqual([
        status,
        '',
        0,
      ])
    })
  })

  test('ends where the connection does, if nothing else says so', async () => {
    const server = await cannedServer('HTTP/1.1 200 OK\r\n\r\nuntil the end', (socket) => socket.end())
    expect(await run(async () => (await sessionFor().get(server.url)).text())).toBe('until the end')
  })
})

describe('a checkpoint', () => {
  test('is every request, and a read of what has not arrived; not one of what has', async () => {
    const { session } = await serving('here')
    const later = await dripping(['a', 'b'], 20)
    await run(function* () {
      let others = 0
      const startOther = () =>
        createTask(function* () {
          others++
        })
      startOther()
      const response = yield* session.get('/')
      expect(others).toBe(1)
      yield* sleep(20)
      startOther()
      yield* response.text()
      yield* response.bytes()
      yield* response.release()
      expect(others).toBe(1)
      const slow = yield* later.session.get('/')
      startOther()
      yield* slow.text()
      expect(others).toBe(3)
    })
  })
})

describe('the body as JSON', () => {
  bothSpellings('is parsed', ['[1,{"a":null}]'], {
    world: () => serving('[1,{"a":null}]', 'application/problem+json; charset=utf-8'),
    *generator({ session }, print) {
      print(yield* use(session.get('/'), (response) => response.json()))
    },
    async async({ session }, print) {
      await using response = await session.get('/')
      print(await response.json())
    },
  })

  test('is refused with another type, unless one asks for it', async () => {
    const { session } = await serving('{"a":1}', 'text/html')
    const error = await errorOf(async () => (await session.get('/')).json())
    expect(error).toMatchObject({ name: 'ContentTypeError', method: 'GET' })
    expect(error.message).toContain('the body is text/html, not JSON, it begins "{\\"a\\":1}"')
    expect(error.message).toContain('checkContentType: false')
    await run(async () => {
      const response = await session.get('/')
      expect(await response.json({ checkContentType: false })).toEqual({ a: 1 })
    })
  })

  test('shows the beginning of what cannot be parsed', async () => {
    const { session } = await serving(`{"a": oops${'!'.repeat(100)}`, 'application/json')
    const error = await errorOf(async () => (await session.get('/')).json())
    expect(error.message).toMatch(/the body is not valid JSON, it begins "\{\\"a\\": oops!+…"/)
    expect(error.cause).toBeInstanceOf(SyntaxError)
    const empty = await serving('', 'application/json')
    expect((await errorOf(async () => (await empty.session.get('/')).json())).message).toContain(
      'it is empty',
    )
  })
})

describe('the body in chunks', () => {
  bothSpellings('comes as it arrives', ['a', 'bc', 'true', 'idle 1'], {
    world: () => dripping(['a', 'bc'], 20),
    *generator({ session }, print) {
      yield* use(session.get('/'), function* (response) {
        yield* forEach(response, function* (chunk) {
          print(new TextDecoder().decode(chunk))
        })
        print((yield* response.next()).done)
      })
      print('idle', session.stats().idle)
    },
    async async({ session }, print) {
      await using response = await session.get('/')
      for await (const chunk of response) print(new TextDecoder().decode(chunk))
      print((await response.next()).done)
      print('idle', session.stats().idle)
    },
  })

  bothSpellings('makes the server wait while nobody reads', ['true', 'true', '50331648'], {
    world: async () => {
      const state = { sent: 0 }
      const server = await httpServer(async (_, response) => {
        for (let i = 0; i < 768; i++) {
          const hasRoom = response.write(Buffer.alloc(65_536))
          state.sent += 65_536
          if (!hasRoom) await new Promise((resolve) => response.once('drain', resolve))
        }
        response.end()
      })
      return { state, session: sessionFor({ baseUrl: server.url }) }
    },
    *generator({ session, state }, print) {
      yield* use(session.get('/'), function* (response) {
        yield* sleep(150)
        const { sent } = state
        print(sent < 20_000_000)
        yield* sleep(50)
        print(state.sent === sent)
        let size = 0
        yield* forEach(response, (chunk) => {
          size += chunk.length
        })
        print(size)
      })
    },
    async async({ session, state }, print) {
      await using response = await session.get('/')
      await sleep(150)
      const { sent } = state
      print(sent < 20_000_000)
      await sleep(50)
      print(state.sent === sent)
      let size = 0
      for await (const chunk of response) size += chunk.length
      print(size)
    },
  })

  bothSpellings('is closed when the loop is left', ['a', 'InvalidStateError', 'connections 0'], {
    world: () => dripping(['a', 'b'], 5000),
    *generator({ session }, print) {
      const response = yield* session.get('/')
      const leave = new Error('leave')
      try {
        yield* forEach(response, (chunk) => {
          print(new TextDecoder().decode(chunk))
          throw leave
        })
      } catch {}
      try {
        yield* response.next()
      } catch (error) {
        print(error)
      }
      print('connections', session.stats().connections)
    },
    async async({ session }, print) {
      const response = await session.get('/')
      for await (const chunk of response) {
        print(new TextDecoder().decode(chunk))
        break
      }
      try {
        await response.next()
      } catch (error) {
        print(error)
      }
      print('connections', session.stats().connections)
    },
  })

  test('is read in one way only, and by one task at a time', async () => {
    const { session } = await dripping(['a', 'b'], 20)
    await run(async () => {
      const inChunks = await session.get('/')
      await inChunks.next()
      await expect(inChunks.text()).rejects.toThrow('was read in chunks before; read it in one way')
      inChunks.close()
      const asWhole = await session.get('/')
      const reading = createTask(async () => asWhole.text())
      await sleep(1)
      await expect(asWhole.text()).rejects.toThrow(InvalidStateError)
      await expect(asWhole.next()).rejects.toThrow('is being read by another task')
      expect(await reading).toBe('ab')
      await expect(asWhole.next()).rejects.toThrow('was read as a whole before')
    })
  })
})

describe('a response that is not read', () => {
  bothSpellings('is closed by its resource, and frees its place', ['1', '200 connections 1'], {
    world: async () => {
      const server = await httpServer((_, response) => response.write('more to come'))
      return { server, session: sessionFor({ baseUrl: server.url, limit: 1 }) }
    },
    *generator({ session, server }, print) {
      yield* use(session.get('/'), () => print(session.stats().connections))
      yield* use(session.get('/'), (response) =>
        print(response.status, 'connections', session.stats().connections),
      )
      server.open.clear()
    },
    async async({ session, server }, print) {
      {
        await using _ = await session.get('/')
        print(session.stats().connections)
      }
      await using response = await session.get('/')
      print(response.status, 'connections', session.stats().connections)
      server.open.clear()
    },
  })

  bothSpellings(
    'gives its connection back when it is released, if the rest is small',
    ['done true', 'idle 1 connections 1'],
    {
      world: async () => {
        const server = await httpServer((_, response) => {
          response.write('x'.repeat(1000))
          setTimeout(() => response.end('y'.repeat(1000)), 20)
        })
        return sessionFor({ baseUrl: server.url })
      },
      *generator(session, print) {
        const response = yield* session.get('/')
        yield* response.release()
        print('done', isRefused(response))
        print('idle', session.stats().idle, 'connections', session.stats().connections)
      },
      async async(session, print) {
        const response = await session.get('/')
        await response.release()
        print('done', isRefused(response))
        print('idle', session.stats().idle, 'connections', session.stats().connections)
      },
    },
  )

  test('begins to be released at once, awaited or not', async () => {
    const { session } = await serving('x'.repeat(50_000))
    await run(async () => {
      const response = await session.get('/')
      response.release()
      await sleep(20)
      expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
    })
  })

  test('is hung up on when it is released and there is much left, or it takes long', async () => {
    const large = await serving(randomBytes(2_000_000))
    const slow = await httpServer((_, response) => response.write('never ends'))
    const session = sessionFor()
    await run(async () => {
      await (await large.session.get('/')).release()
      expect(large.session.stats().connections).toBe(0)
      const began = performance.now()
      await (await session.get(slow.url)).release()
      expect(performance.now() - began).toBeGreaterThan(900)
      expect(session.stats().connections).toBe(0)
    })
    await slow.untilOpen(0)
  })

  test('is hung up on when it is closed, and may be closed again', async () => {
    const server = await httpServer((_, response) => response.write('never ends'))
    const session = sessionFor()
    await run(async () => {
      const response = await session.get(server.url)
      response.close()
      response.close()
      expect(session.stats().connections).toBe(0)
      await expect(response.text()).rejects.toThrow('the body was released or closed before it was read')
      await response.release()
    })
    await server.untilOpen(0)
  })

  test('fails the read that is under way when it is closed', async () => {
    const server = await httpServer((_, response) => response.write('never ends'))
    const session = sessionFor()
    await run(async () => {
      const response = await session.get(server.url)
      const reading = createTask(async () => response.text())
      await sleep(5)
      response.close()
      await expect(reading).rejects.toThrow('was released or closed')
    })
  })
})

function isRefused(response: ClientResponse): boolean {
  try {
    for (const _ of response.text()) return false
    return false
  } catch (error) {
    return error instanceof InvalidStateError
  }
}

describe('a broken body', () => {
  test.each([
    ['is shorter than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort'],
    [
      'is shorter than its length, and the last',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\nshort',
    ],
    ['ends in the middle of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nshort'],
    ['is not chunked as it says', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nshort'],
  ])('is a ClientPayloadError: it %s', async (_, answer) => {
    const server = await cannedServer(answer, (socket) => socket.end())
    const session = sessionFor()
    for (const read of [
      (response: ClientResponse) => response.text(),
      (response: ClientResponse) => forEach(response, () => {}),
    ]) {
      const error = await errorOf(async () => read(await session.get(`${server.url}/x`)))
      expect(error).toMatchObject({
        name: 'ClientPayloadError',
        code: 'POLVO_HTTP_PAYLOAD',
        url: `${server.url}/x`,
      })
      expect(error.message).toContain('the body broke off before its end')
      expect(error.cause).toBeInstanceOf(Error)
    }
    expect(session.stats().connections).toBe(0)
  })

  test('gives the chunks that came before', async () => {
    const server = await rawServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort')
        setTimeout(() => socket.resetAndDestroy(), 20)
      })
    })
    await run(async () => {
      const response = await sessionFor().get(server.url)
      expect(new TextDecoder().decode((await response.next()).value)).toBe('short')
      await expect(response.next()).rejects.toThrow('broke off')
      await expect(response.next()).rejects.toThrow('broke off')
    })
  })
})
