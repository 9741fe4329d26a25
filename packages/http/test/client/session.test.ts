import { createTask, gather, getRunningLoop, moveOnAfter, run, sleep, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { ClientSession } from '../../src/index.ts'
import { bodyOf, httpServer } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

async function greeter() {
  const server = await httpServer((request, response) => {
    response.setHeader('x-method', request.method ?? '')
    response.end(`${request.method} ${request.url}`)
  })
  return { server, session: sessionFor({ baseUrl: server.url }) }
}

describe('ClientSession', () => {
  bothSpellings('asks, and gives what the server answers', ['200 OK true GET /a'], {
    world: greeter,
    *generator({ session }, print) {
      const response = yield* session.get('/a')
      print(response.status, response.reason, response.ok, yield* response.text())
    },
    async async({ session }, print) {
      const response = await session.get('/a')
      print(response.status, response.reason, response.ok, await response.text())
    },
  })

  bothSpellings('gives a response that is a resource', ['GET /a', 'connections 1 idle 1'], {
    world: greeter,
    *generator({ session }, print) {
      print(yield* use(session.get('/a'), (response) => response.text()))
      print('connections', session.stats().connections, 'idle', session.stats().idle)
    },
    async async({ session }, print) {
      {
        await using response = await session.get('/a')
        print(await response.text())
      }
      print('connections', session.stats().connections, 'idle', session.stats().idle)
    },
  })

  test('has a method for each of the usual methods', async () => {
    const { session, server } = await greeter()
    await run(async () => {
      for (const name of ['get', 'post', 'put', 'patch', 'delete', 'options'] as const) {
        expect(await (await session[name]('/')).text()).toBe(`${name.toUpperCase()} /`)
      }
      const head = await session.head('/')
      expect(head.headers.get('x-method')).toBe('HEAD')
      expect(await head.text()).toBe('')
      expect(await (await session.request('PROPFIND', '/x')).text()).toBe('PROPFIND /x')
    })
    expect(server.asked).toHaveLength(8)
  })

  test('asks on one connection as long as one request follows the other', async () => {
    const { session, server } = await greeter()
    await run(async () => {
      for (let i = 0; i < 20; i++) await (await session.get(`/${i}`)).text()
    })
    expect(server.accepted).toBe(1)
    expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
  })

  test('keeps no connection with keepAliveTimeout: 0', async () => {
    const { server } = await greeter()
    const session = sessionFor({ keepAliveTimeout: 0 })
    await run(async () => {
      for (let i = 0; i < 3; i++) await (await session.get(server.url)).text()
    })
    expect(server.accepted).toBe(3)
    await server.untilOpen(0)
  })

  test('closes an unused connection after keepAliveTimeout', async () => {
    const { server } = await greeter()
    const session = sessionFor({ keepAliveTimeout: 30 })
    await run(async () => void (await (await session.get(server.url)).text()))
    expect(server.open.size).toBe(1)
    await server.untilOpen(0)
    expect(session.stats()).toEqual({ connections: 0, idle: 0, waiting: 0 })
  })

  test('works outside any run, call by call', async () => {
    const { session } = await greeter()
    const response = await session.get('/plain')
    expect(await response.text()).toBe('GET /plain')
  })

  test('resolves relative URLs against baseUrl, and leaves absolute ones alone', async () => {
    const { server } = await greeter()
    const session = sessionFor({ baseUrl: `${server.url}/v1/` })
    await run(async () => {
      expect(await (await session.get('users?x=1')).text()).toBe('GET /v1/users?x=1')
      expect(await (await session.get('/users')).text()).toBe('GET /users')
      expect(await (await session.get(`${server.url}/else`)).text()).toBe('GET /else')
      expect(await (await session.get(new URL('/url', server.url))).text()).toBe('GET /url')
    })
  })

  test('sends its headers, and those of the request in their place', async () => {
    const server = await httpServer((request, response) => response.end(JSON.stringify(request.headers)))
    const session = sessionFor({ baseUrl: server.url, headers: { 'X-One': 'session', 'x-two': 'session' } })
    const headers = await run(async () => {
      const response = await session.get('/', { headers: new Headers({ 'x-two': 'request' }) })
      return response.json<Record<string, string>>({ checkContentType: false })
    })
    expect(headers).toMatchObject({
      'x-one': 'session',
      'x-two': 'request',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': 'polvo',
      accept: '*/*',
    })
  })

  test('raises for the status where it is told to, and for a request that is told to', async () => {
    const server = await httpServer(
      (_, response) => void response.writeHead(503, { 'x-why': 'tired' }).end('no'),
    )
    const strict = sessionFor({ raiseForStatus: true })
    const lax = sessionFor()
    const error = await errorOf(() => strict.get(`${server.url}/x`))
    expect(error).toMatchObject({
      name: 'ClientResponseError',
      code: 'POLVO_HTTP_STATUS',
      status: 503,
      reason: 'Service Unavailable',
      method: 'GET',
      url: `${server.url}/x`,
    })
    expect((error.headers as Headers).get('x-why')).toBe('tired')
    expect(error.message).toContain('the server answered 503 Service Unavailable')
    await run(async () => {
      expect(await (await lax.get(server.url)).text()).toBe('no')
      expect(await (await strict.get(server.url, { raiseForStatus: false })).text()).toBe('no')
    })
    expect((await errorOf(() => lax.get(server.url, { raiseForStatus: true }))).name).toBe(
      'ClientResponseError',
    )
    expect(strict.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
  })

  test('says who it is with basic authentication, to its own origin alone', async () => {
    const tell = async () =>
      httpServer((request, response) => response.end(request.headers.authorization ?? 'nobody'))
    const [own, other] = [await tell(), await tell()]
    const session = sessionFor({ baseUrl: own.url, auth: { username: 'us', password: 'p:w' } })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    await run(async () => {
      const ask = async (url: string, options = {}) => (await session.get(url, options)).text()
      expect(await ask('/')).toBe(basic('us:p:w'))
      expect(await ask(other.url)).toBe('nobody')
      expect(await ask(other.url, { auth: { username: 'a', password: 'b' } })).toBe(basic('a:b'))
      expect(await ask(own.url.replace('//', '//url:pw@'))).toBe(basic('url:pw'))
      expect(await ask('/', { headers: { authorization: 'Bearer t' } })).toBe('Bearer t')
    })
    expect(() => sessionFor({ auth: { username: 'a:b', password: '' } })).toThrow('has a colon')
    expect(() => sessionFor({ auth: 'a:b' as never })).toThrow('auth takes { username, password }')
  })

  test('makes JSON with a function of its own, where it is given one', async () => {
    const server = await httpServer(async (request, response) => response.end(await bodyOf(request)))
    const serializeJson = (value: unknown) =>
      JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))
    const session = sessionFor({ baseUrl: server.url, serializeJson })
    expect(await run(async () => (await session.post('/', { json: { a: 1n } })).text())).toBe('{"a":"1n"}')
  })

  test('takes heads of a response up to maxHeaderSize', async () => {
    const server = await httpServer((_, response) =>
      response.writeHead(200, { 'x-large': 'y'.repeat(20_000) }).end('ok'),
    )
    expect((await errorOf(() => sessionFor().get(server.url))).name).toBe('ClientConnectionError')
    const session = sessionFor({ maxHeaderSize: 40_000 })
    expect(await run(async () => (await session.get(server.url)).status)).toBe(200)
  })

  test('refuses options that cannot be', () => {
    expect(() => new ClientSession({ limit: -1 })).toThrow(RangeError)
    expect(() => new ClientSession({ limitPerHost: 'many' as never })).toThrow(TypeError)
    expect(() => new ClientSession({ timeout: { read: 0 } })).toThrow('null for no limit')
    expect(() => new ClientSession({ baseUrl: 'not a url' })).toThrow(
      'baseUrl takes an absolute http or https URL, and was given "not a url"',
    )
  })

  test('reports a request that was made and never awaited, without the credentials of its URL', async () => {
    const { session, server } = await greeter()
    const reports: string[] = []
    await run(async () => {
      getRunningLoop().setExceptionHandler((_, { message }) => reports.push(message))
      session.get(`http://user:secret@127.0.0.1:${server.port}/x`)
    })
    expect(reports.join()).toContain(`GET http://127.0.0.1:${server.port}/x`)
    expect(reports.join()).toContain('never awaited')
    expect(reports.join()).not.toContain('secret')
    expect(server.asked).toEqual([])
  })

  test('shows its state', async () => {
    const { session } = await greeter()
    await run(async () => void (await (await session.get('/')).text()))
    expect(String(session)).toBe('<ClientSession open connections=1 idle=1 waiting=0>')
  })
})

describe('closing a session', () => {
  bothSpellings(
    'closes its connections, and takes no more requests',
    ['true 0', 'InvalidStateError', 'closed'],
    {
      world: greeter,
      *generator({ session, server }, print) {
        yield* use(session.get('/'), (response) => response.text())
        yield* session.close()
        print(session.closed, session.stats().connections)
        try {
          yield* session.get('/')
        } catch (error) {
          print(error)
        }
        server.open.size === 0 || (yield* session.close())
        print('closed')
      },
      async async({ session, server }, print) {
        await (await session.get('/')).text()
        await session.close()
        print(session.closed, session.stats().connections)
        try {
          await session.get('/')
        } catch (error) {
          print(error)
        }
        server.open.size === 0 || (await session.close())
        print('closed')
      },
    },
  )

  test('says what to do when a closed session is used', async () => {
    const session = new ClientSession()
    await session.close()
    const error = await errorOf(() => session.get('http://user:pw@host/x'))
    expect(error.message).toBe('GET http://host/x: the session is closed; make a new one.')
    expect(error.code).toBe('POLVO_INVALID_STATE')
  })

  test('lets a request that is under way come to its end', async () => {
    const server = await httpServer((_, response) => void setTimeout(() => response.end('late'), 50))
    const session = new ClientSession()
    await run(async () => {
      const reading = createTask(async () => (await session.get(server.url)).text())
      await sleep(10)
      await session.close()
      expect(await reading).toBe('late')
    })
    await server.untilOpen(0)
  })

  test('aborts what takes longer, and what waits in line at once', async () => {
    const server = await httpServer(() => {})
    const session = new ClientSession({ limit: 1 })
    await run(async () => {
      const tasks = [1, 2].map(() => createTask(async () => (await session.get(server.url)).text()))
      await sleep(20)
      const ended = gather({ returnExceptions: true }, ...tasks)
      const began = performance.now()
      await session.close()
      expect(performance.now() - began).toBeLessThan(1000)
      const errors = await ended
      expect(errors.map((error) => (error as Error).name)).toEqual([
        'ClientConnectionError',
        'ClientConnectionError',
      ])
      expect((errors[0] as Error).message).toContain('the session was closed while it was under way')
    })
    expect(session.stats()).toEqual({ connections: 0, idle: 0, waiting: 0 })
    await server.untilOpen(0)
  })

  test('aborts what is under way at once when closing is cancelled', async () => {
    const server = await httpServer(() => {})
    const session = new ClientSession()
    await run(async () => {
      const task = createTask(async () => void (await session.get(server.url)))
      await sleep(20)
      await moveOnAfter(10, () => session.close())
      await expect(task).rejects.toThrow('the session was closed')
    })
    await server.untilOpen(0)
  })

  test('closes at the end of an await using block', async () => {
    const { server } = await greeter()
    await run(async () => {
      await using session = new ClientSession()
      await (await session.get(server.url)).text()
      expect(session.closed).toBe(false)
    })
    await server.untilOpen(0)
  })
})
