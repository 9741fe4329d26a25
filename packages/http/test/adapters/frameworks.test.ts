// One contract for polvo's handlers in every framework: they answer, stream, fail and are cancelled as in a server of polvo's own.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { isCancelled, resource, sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import type { HostedOnNode } from '../../src/adapters.ts'
import { type AccessLogEntry, Application, eventStream, HttpError, stream } from '../../src/index.ts'
import { ask, until } from '../server/support/serving.ts'
import { type Framework, frameworks, type Host, hosting } from './support/hosts.ts'

/** Ask in bytes, over a connection that the test can break. */
async function connect({ port }: Host, head: string): Promise<{ read: () => string; hangUp: () => void }> {
  const socket = net.connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(head)
  return { read: () => received, hangUp: () => socket.destroy() }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: test\r\n\r\n`

/** Waits until it is cancelled, and notes what it meets with. */
function* waiting(log: string[]) {
  log.push('begun')
  try {
    yield* sleep(60_000)
    return 'done'
  } catch (error) {
    log.push(isCancelled(error) ? 'cancelled' : String(error))
    throw error
  } finally {
    log.push('cleaned up')
  }
}

async function waitingAsync(log: string[]) {
  log.push('begun')
  try {
    await sleep(60_000)
    return 'done'
  } catch (error) {
    log.push(isCancelled(error) ? 'cancelled' : String(error))
    throw error
  } finally {
    log.push('cleaned up')
  }
}

const SPELLINGS = [
  ['generator', waiting],
  ['async', waitingAsync],
] as const

describe.each(frameworks.map((framework) => [framework.name, framework] as const))(
  'in %s',
  (_, framework) => {
    test('handlers of either spelling answer, with the parameters of their paths', async () => {
      const app = new Application()
      app.get('/g/:id<int>', function* ({ params }) {
        yield* sleep(1)
        return `generator ${params.id + 1}`
      })
      app.get('/a/:name', async ({ params, query }) => {
        await sleep(1)
        return { name: params.name, tab: query.get('tab') }
      })
      await hosting(framework.app(app), async ({ url }) => {
        expect(await ask(`${url}/g/41`)).toEqual([200, 'generator 42'])
        expect(await ask(`${url}/a/Ada?tab=posts`)).toEqual([200, '{"name":"Ada","tab":"posts"}'])
      })
    })

    test('bodies arrive, small and large, and too large ones are refused with 413', async () => {
      const app = new Application({ bodyLimit: 500_000 })
      app.post('/json', async (request) => ({ got: await request.json() }))
      app.post('/length', async (request) => `${(await request.bytes()).length}`)
      await hosting(framework.app(app), async ({ url }) => {
        const headers = { 'content-type': 'application/json' }
        expect(await ask(`${url}/json`, { method: 'POST', body: '[1,2]', headers })).toEqual([
          200,
          '{"got":[1,2]}',
        ])
        const body = new Uint8Array(400_000)
        expect(await ask(`${url}/length`, { method: 'POST', body })).toEqual([200, '400000'])
        const [status] = await ask(`${url}/length`, { method: 'POST', body: 'x'.repeat(500_001) })
        expect(status).toBe(413)
      })
    })

    test('a streamed body arrives piece by piece', async () => {
      let release: () => void = () => {}
      const mayGoOn = new Promise<void>((resolve) => {
        release = resolve
      })
      const app = new Application()
      app.get('/', () =>
        stream(async (writer) => {
          await writer.write('first ')
          await mayGoOn
          await writer.write('second')
        }),
      )
      await hosting(framework.app(app), async ({ url }) => {
        const response = await fetch(url)
        const reader = (response.body as ReadableStream<Uint8Array>).getReader()
        const { value } = await reader.read()
        expect(new TextDecoder().decode(value)).toBe('first ')
        release()
        const rest = await reader.read()
        expect(new TextDecoder().decode(rest.value)).toBe('second')
        expect((await reader.read()).done).toBe(true)
      })
    })

    test('a body that fails on its way is cut short', async () => {
      const app = new Application()
      app.get('/', () =>
        stream(function* (writer) {
          yield* writer.write('beginning')
          yield* sleep(20)
          throw new HttpError(500, 'too late')
        }),
      )
      await hosting(framework.app(app), async ({ url }) => {
        const response = await fetch(url)
        await expect(response.text()).rejects.toThrow()
      })
    })

    test('files, ranges, compression, events and the access log are as everywhere', async () => {
      const entries: AccessLogEntry[] = []
      const app = new Application({ compression: true, accessLog: (entry) => entries.push(entry) })
      app.static('/files', import.meta.dirname)
      app.get('/large', () => 'large '.repeat(1000))
      app.get('/events', () => eventStream((events) => events.send({ data: { n: 1 } })))
      const source = await readFile(import.meta.filename, 'utf8')
      await hosting(framework.app(app), async ({ url }) => {
        expect(await ask(`${url}/files/frameworks.test.ts`)).toEqual([200, source])
        const headers = { range: 'bytes=3-9' }
        expect(await ask(`${url}/files/frameworks.test.ts`, { headers })).toEqual([206, source.slice(3, 10)])
        const large = await fetch(`${url}/large`)
        expect(large.headers.get('content-encoding')).toMatch(/^(br|gzip)$/)
        expect(await large.text()).toBe('large '.repeat(1000))
        expect(await ask(`${url}/events`)).toEqual([200, 'data: {"n":1}\n\n'])
        await until(() => entries.length === 4)
        expect(entries.map(({ status, isComplete }) => [status, isComplete])).toEqual([
          [200, true],
          [206, true],
          [200, true],
          [200, true],
        ])
        expect(entries.every(({ bytes }) => bytes > 0)).toBe(true)
      })
    })

    test('errors, unknown paths and HEAD are answered as everywhere', async () => {
      const app = new Application()
      app.get('/', () => 'text')
      app.get('/teapot', () => {
        throw new HttpError(418, 'short and stout')
      })
      await hosting(framework.app(app), async ({ url }) => {
        expect((await ask(`${url}/teapot`))[0]).toBe(418)
        expect((await ask(`${url}/nowhere`))[0]).toBe(404)
        const head = await fetch(url, { method: 'HEAD' })
        expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '4', ''])
      })
    })

    test.each(SPELLINGS)(
      'a handler (%s) is cancelled when its client goes away, and cleans up',
      async (_, handler) => {
        const log: string[] = []
        const app = new Application()
        app.get('/', () => handler(log))
        await hosting(framework.app(app), async (host) => {
          const client = await connect(host, get('/'))
          await until(() => log.includes('begun'))
          client.hangUp()
          await until(() => log.length === 3)
          expect(log).toEqual(['begun', 'cancelled', 'cleaned up'])
        })
      },
    )

    test('a handler is cancelled when its client goes away in the middle of the streamed body', async () => {
      const log: string[] = []
      const app = new Application()
      app.get('/', () =>
        stream(function* (writer) {
          yield* writer.write('beginning')
          yield* waiting(log)
        }),
      )
      await hosting(framework.app(app), async (host) => {
        const client = await connect(host, get('/'))
        await until(() => client.read().includes('beginning'))
        client.hangUp()
        await until(() => log.length === 3)
        expect(log).toEqual(['begun', 'cancelled', 'cleaned up'])
      })
    })

    test('a handler that reads a body is cancelled when its client goes away in the middle of it', async () => {
      const log: string[] = []
      const app = new Application()
      app.post('/', async (request) => {
        log.push('begun')
        try {
          return await request.text()
        } catch (error) {
          log.push(isCancelled(error) ? 'cancelled' : String(error))
          throw error
        }
      })
      await hosting(framework.app(app), async (host) => {
        const client = await connect(host, 'POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf')
        await until(() => log.length === 1)
        client.hangUp()
        await until(() => log.length === 2)
        expect(log).toEqual(['begun', 'cancelled'])
      })
    })

    test('a handler that is to finish does so without its client', async () => {
      const log: string[] = []
      const app = new Application({ onDisconnect: 'finish' })
      app.get('/', async (request) => {
        log.push('begun')
        await request.waitDisconnected()
        await sleep(1)
        log.push('finished')
        return 'nobody reads this'
      })
      await hosting(framework.app(app), async (host) => {
        const client = await connect(host, get('/'))
        await until(() => log.includes('begun'))
        client.hangUp()
        await until(() => log.length === 2)
        expect(log).toEqual(['begun', 'finished'])
      })
    })

    test('resources are open while it runs; stopping lets handlers finish, and refuses what comes later', async () => {
      const log: string[] = []
      const app = new Application()
      app.resource(() =>
        resource(function* (provide) {
          log.push('open')
          try {
            yield* provide(undefined)
          } finally {
            log.push('closed')
          }
        }),
      )
      app.get('/', async () => {
        log.push('begun')
        await sleep(30)
        log.push('finished')
        return 'ok'
      })
      await hosting(framework.app(app), async ({ url, adapter }) => {
        await adapter.start()
        expect(log).toEqual(['open'])
        const asked = ask(url)
        await until(() => log.includes('begun'))
        expect(await adapter.stop()).toEqual({ finished: 1, cancelled: [], refused: [] })
        expect(await asked).toEqual([200, 'ok'])
        expect(log).toEqual(['open', 'begun', 'finished', 'closed'])
        expect((await ask(url))[0]).toBe(503)
      })
    })
  },
)

describe.each(
  frameworks
    .filter(({ hasUpgrades }) => hasUpgrades)
    .map((framework) => [framework.name, framework] as const),
)('websockets on a server of %s', (_, framework) => {
  test('are talked over, and end with the adapter', async () => {
    const app = new Application()
    app.websocket('/echo/:name', async (socket, { params }) => {
      for await (const message of socket) await socket.send(`${params.name} ${message}`)
    })
    await hosting(framework.app(app), async ({ url, server, adapter }) => {
      server.on('upgrade', (adapter as HostedOnNode).upgrade)
      const socket = new WebSocket(`${url.replace('http', 'ws')}/echo/Ada`)
      await once(socket, 'open')
      socket.send('hello')
      const [{ data }] = (await once(socket, 'message')) as [MessageEvent]
      expect(data).toBe('Ada hello')
      const closed = once(socket, 'close') as Promise<[CloseEvent]>
      await adapter.stop()
      expect((await closed)[0].code).toBe(1001)
    })
  })

  test('are refused where there is no route for them', async () => {
    await hosting(framework.app(new Application()), async ({ url, server, adapter }) => {
      server.on('upgrade', (adapter as HostedOnNode).upgrade)
      const socket = new WebSocket(`${url.replace('http', 'ws')}/nowhere`)
      await once(socket, 'error')
      expect(socket.readyState).not.toBe(WebSocket.OPEN)
    })
  })
})

type Mounting = Required<Pick<Framework, 'mounted' | 'route'>> & Framework
const withRoutes = frameworks.filter((framework): framework is Mounting => framework.mounted !== undefined)

describe.each(withRoutes.map((framework) => [framework.name, framework] as const))(
  'beside the routes of %s',
  (_, framework) => {
    test('an application answers below its prefix, and the framework all else', async () => {
      const app = new Application()
      app.get('/users/:id', ({ params, url }) => `${params.id} ${url}`)
      await hosting(framework.mounted(app), async ({ url }) => {
        expect(await ask(`${url}/api/users/7?x=1`)).toEqual([200, '7 /users/7?x=1'])
        expect((await ask(`${url}/own`))[1]).toBe('the framework’s own')
        expect((await ask(`${url}/api/other`))[1]).toBe('the framework’s own')
        expect((await ask(`${url}/nowhere`))[0]).toBe(404)
      })
    })

    test('a handler answers a route of the framework, with its parameters', async () => {
      const handler = function* (request: { params: { id?: string | undefined } }) {
        yield* sleep(1)
        return { id: request.params.id }
      }
      await hosting(framework.route(handler), async ({ url }) => {
        expect(await ask(`${url}/users/7`)).toEqual([200, '{"id":"7"}'])
      })
    })

    test('a handler of a route of the framework is cancelled as well, and has a limit of time', async () => {
      const log: string[] = []
      await hosting(
        framework.route(() => waiting(log), { handlerTimeout: 20 }),
        async ({ url }) => {
          expect((await ask(`${url}/users/7`))[0]).toBe(503)
          expect(log).toEqual(['begun', 'cancelled', 'cleaned up'])
        },
      )
    })
  },
)
