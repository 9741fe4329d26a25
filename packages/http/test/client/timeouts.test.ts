import { call, createTask, forEach, run, sleep, TimeoutError, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { ClientError, ClientTimeoutError, type TimeoutOption } from '../../src/index.ts'
import { httpServer, rawServer, until } from '../support/servers.ts'
import { bothSpellings, errorOf, outcomeOf, sessionFor } from '../support/spellings.ts'

/**
 * A server that answers `/slow` after 200 ms, begins `/drip` at once and gives a byte each 30 ms, and never
 * ends `/hang`.
 */
async function slowpoke() {
  const server = await httpServer((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 200)
    if (request.url === '/hang') response.write('begun')
    if (request.url === '/fast') response.end('fast')
    if (request.url === '/drip') {
      let left = 6
      response.writeHead(200, { 'content-length': 6 })
      const drip = setInterval(() => {
        response.write('x')
        if (--left === 0) clearInterval(drip)
      }, 30)
      response.on('close', () => clearInterval(drip))
    }
  })
  return { server, session: sessionFor({ baseUrl: server.url }) }
}

describe('the limit', () => {
  const limitTest = (name: string, path: string, timeout: TimeoutOption, expected: string) => {
    bothSpellings(name, [expected, 'connections 0'], {
      world: slowpoke,
      *generator({ session }, print) {
        const task = createTask(function* () {
          return yield* use(session.get(path, { timeout }), (response) => response.text())
        })
        const outcome = yield* outcomeOf(task)
        print(
          outcome instanceof ClientTimeoutError
            ? `${outcome.name} ${outcome.limit} ${outcome.code}`
            : outcome,
        )
        print('connections', session.stats().connections - session.stats().idle)
      },
      async async({ session }, print) {
        const outcome = await call(
          outcomeOf,
          createTask(async () => {
            await using response = await session.get(path, { timeout })
            return await response.text()
          }),
        )
        print(
          outcome instanceof ClientTimeoutError
            ? `${outcome.name} ${outcome.limit} ${outcome.code}`
            : outcome,
        )
        print('connections', session.stats().connections - session.stats().idle)
      },
    })
  }

  limitTest(
    'total ends a request whose answer does not come',
    '/slow',
    40,
    'ClientTimeoutError total POLVO_TIMEOUT',
  )
  limitTest(
    'total ends a body that does not end',
    '/hang',
    { total: 60 },
    'ClientTimeoutError total POLVO_TIMEOUT',
  )
  limitTest(
    'total ends a body that goes on and on',
    '/drip',
    { total: 100 },
    'ClientTimeoutError total POLVO_TIMEOUT',
  )
  limitTest('total lets pass what takes less', '/drip', 2000, 'xxxxxx')
  limitTest('read ends a wait for the head', '/slow', { read: 40 }, 'ClientTimeoutError read POLVO_TIMEOUT')
  limitTest('read ends a wait in the body', '/hang', { read: 40 }, 'ClientTimeoutError read POLVO_TIMEOUT')
  limitTest('read lets pass a body that keeps coming', '/drip', { read: 120 }, 'xxxxxx')
  limitTest('null is none', '/slow', null, 'slow')

  test('connect ends a wait in line, and the one in front is not touched', async () => {
    const { session, server } = await slowpoke()
    const single = sessionFor({ limit: 1, timeout: { connect: 40 } })
    await run(async () => {
      const first = createTask(async () => (await single.get(`${server.url}/slow`)).text())
      await sleep(5)
      const error = (await call(
        outcomeOf,
        createTask(single.get(`${server.url}/fast`)),
      )) as ClientTimeoutError
      expect(error.limit).toBe('connect')
      expect(single.stats().waiting).toBe(0)
      expect(await first).toBe('slow')
      expect(await (await single.get(`${server.url}/fast`)).text()).toBe('fast')
    })
    expect(session.closed).toBe(false)
  })

  test('connect ends a connection that is not made', async () => {
    const server = await rawServer((socket) => socket.resume())
    const session = sessionFor({ timeout: { connect: 40 } })
    const error = await errorOf(() => session.get(`https://127.0.0.1:${server.port}/`))
    expect(error).toMatchObject({ name: 'ClientTimeoutError', limit: 'connect' })
    await server.untilOpen(0)
    expect(session.stats().connections).toBe(0)
  })

  test('socketConnect ends a connection that is not made, and says nothing of waiting in line', async () => {
    const silent = await rawServer((socket) => socket.resume())
    const { server } = await slowpoke()
    const session = sessionFor({ limit: 1, timeout: { socketConnect: 40 } })
    const error = await errorOf(() => session.get(`https://127.0.0.1:${silent.port}/`))
    expect(error).toMatchObject({ name: 'ClientTimeoutError', limit: 'socketConnect' })
    expect(error.message).toContain('no connection could be made within 40 ms')
    await silent.untilOpen(0)
    await run(async () => {
      const both = ['/slow', '/fast'].map(async (path) => (await session.get(`${server.url}${path}`)).text())
      expect(await Promise.all(both)).toEqual(['slow', 'fast'])
    })
  })

  test('connect says nothing about a server that is slow to answer', async () => {
    const { session } = await slowpoke()
    await run(async () => {
      expect(await (await session.get('/slow', { timeout: { connect: 50 } })).text()).toBe('slow')
    })
  })

  test('read does not run while it is the reader who is slow', async () => {
    const server = await httpServer((_, response) => response.end('x'.repeat(2_000_000)))
    const session = sessionFor({ timeout: { read: 60 } })
    await run(async () => {
      await using response = await session.get(server.url)
      let size = 0
      let isFirst = true
      for await (const chunk of response) {
        if (isFirst) await sleep(200)
        isFirst = false
        size += chunk.length
      }
      expect(size).toBe(2_000_000)
    })
  })

  test('read begins when the request is sent', async () => {
    const { session, server } = await slowpoke()
    async function* slowSource() {
      for (let i = 0; i < 4; i++) {
        yield 'x'
        await sleep(40)
      }
    }
    await run(async () => {
      const response = await session.post(`${server.url}/fast`, {
        data: slowSource(),
        timeout: { read: 100 },
      })
      expect(await response.text()).toBe('fast')
    })
  })

  test('total counts from the first request on, over redirects', async () => {
    const server = await httpServer((request, response) => {
      const step = Number(request.url?.slice(1))
      setTimeout(() => response.writeHead(302, { location: `/${step + 1}` }).end(), 30)
    })
    const began = performance.now()
    const error = await errorOf(() => sessionFor().get(`${server.url}/1`, { timeout: 100 }))
    expect(error).toMatchObject({ limit: 'total' })
    expect(performance.now() - began).toBeLessThan(400)
  })

  test('of the session holds where the request says nothing of it', async () => {
    const { server } = await slowpoke()
    const session = sessionFor({ baseUrl: server.url, timeout: { total: 60, read: 5000 } })
    expect(await errorOf(() => session.get('/slow', { timeout: { read: 4000 } }))).toMatchObject({
      limit: 'total',
    })
    await run(async () => {
      expect(await (await session.get('/slow', { timeout: { total: null } })).text()).toBe('slow')
      expect(await (await session.get('/slow', { timeout: Number.POSITIVE_INFINITY })).text()).toBe('slow')
    })
  })

  test('is an error that says which, how long and what to do, and is a TimeoutError and a ClientError', async () => {
    const { session, server } = await slowpoke()
    const error = await errorOf(() => session.get('/slow', { timeout: 20 }))
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toBeInstanceOf(ClientError)
    expect(error.message).toBe(
      `GET ${server.url}/slow: the whole request, with its body, was not done within 20 ms. Raise timeout.total, or try again.`,
    )
    expect(error).toMatchObject({ method: 'GET', url: `${server.url}/slow` })
  })

  test('is refused where it makes no sense', async () => {
    const { session } = await slowpoke()
    for (const timeout of [0, -1, Number.NaN, { read: '1' as never }]) {
      expect((await errorOf(() => session.get('/fast', { timeout }))).message).toContain('milliseconds')
    }
  })

  test('leaves no timers behind', async () => {
    const { session } = await slowpoke()
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await run(async () => {
      for (let i = 0; i < 20; i++)
        await (await session.get('/fast', { timeout: { connect: 500, read: 500 } })).text()
      await use(session.get('/fast'), (response) => response.release())
      await forEach(await session.get('/fast'), () => {})
    })
    await until(() => timers() <= before)
  })
})
