// Websockets on the server, against clients that are not ours: that of ws, and that of undici.
import { forEach, sleep } from 'polvo'
import { WebSocket as UndiciWebSocket } from 'undici'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { HttpUnauthorized, text } from '../../src/index.ts'
import { appWith, ask, RawClient, type Served, serving, until } from './support/serving.ts'

/** A client of ws, with what it has received. */
async function connect(served: Served, path: string, options: object = {}, protocols: string[] = []) {
  const socket = new WebSocket(served.url.replace('http', 'ws') + path, protocols, options)
  const received: string[] = []
  let closed: [code: number, reason: string] | null = null
  let status: number | null = null
  socket.on('message', (data: Buffer, isBinary) =>
    received.push(isBinary ? `binary ${data.length}` : data.toString()),
  )
  socket.on('close', (code, reason) => {
    closed = [code, reason.toString()]
  })
  socket.on('unexpected-response', (_, response) => {
    status = response.statusCode ?? null
    socket.terminate()
  })
  socket.on('error', () => {})
  await until(() => socket.readyState === WebSocket.OPEN || closed !== null || status !== null)
  return { socket, received, closed: () => closed, status: () => status }
}

describe.each(['generator', 'async'] as const)('app.websocket() (%s)', (spelling) => {
  const echo = (log: string[] = []) =>
    appWith((app) => {
      if (spelling === 'generator') {
        app.websocket('/echo/:name', function* (socket, { params }) {
          yield* socket.send(`hello ${params.name}`)
          yield* forEach(socket, function* (message) {
            yield* socket.send(message)
          })
          log.push('over')
        })
      } else {
        app.websocket('/echo/:name', async (socket, { params }) => {
          await socket.send(`hello ${params.name}`)
          for await (const message of socket) await socket.send(message)
          log.push('over')
        })
      }
      app.get('/', () => 'http')
    })

  test('talks with a client of ws, and ends with it', async () => {
    const log: string[] = []
    await serving(echo(log), async (served) => {
      const { socket, received, closed } = await connect(served, '/echo/ada')
      socket.send('text')
      socket.send(Buffer.from([1, 2, 3]))
      await until(() => received.length === 3)
      expect(received).toEqual(['hello ada', 'text', 'binary 3'])
      socket.close(1000)
      await until(() => closed() !== null && log.length === 1)
      expect(closed()).toEqual([1000, ''])
      await until(() => served.server.requests === 0)
      expect(served.reports).toEqual([])
      expect(await ask(served.url)).toEqual([200, 'http'])
    })
  })

  test('talks with a client of undici', async () => {
    await serving(echo(), async (served) => {
      const socket = new UndiciWebSocket(`${served.url.replace('http', 'ws')}/echo/bob`)
      const received: unknown[] = []
      socket.addEventListener('message', ({ data }) => received.push(data))
      await until(() => socket.readyState === UndiciWebSocket.OPEN)
      socket.send('text')
      await until(() => received.length === 2)
      expect(received).toEqual(['hello bob', 'text'])
      socket.close()
      await until(() => socket.readyState === UndiciWebSocket.CLOSED)
      await until(() => served.server.requests === 0)
    })
  })

  test('ends where the client goes away without a word', async () => {
    await serving(echo(), async (served) => {
      const { socket } = await connect(served, '/echo/ada')
      socket.terminate()
      await until(() => served.server.requests === 0)
      expect(served.reports).toEqual([])
    })
  })
})

test('the handler ends the connection with 1000, and where it fails with 1011 and a report', async () => {
  const app = appWith((app) => {
    app.websocket('/ends', async (socket) => await socket.send('bye'))
    app.websocket('/fails', async () => {
      await sleep(1)
      throw new Error('boom')
    })
  })
  await serving(app, async (served) => {
    const ends = await connect(served, '/ends')
    await until(() => ends.closed() !== null)
    expect([ends.received, ends.closed()]).toEqual([['bye'], [1000, '']])
    const fails = await connect(served, '/fails')
    await until(() => fails.closed() !== null)
    expect(fails.closed()).toEqual([1011, ''])
    expect(served.reports.join()).toContain('Error: boom')
    await until(() => served.server.requests === 0)
  })
})

test('a subprotocol is agreed on, the preferred one of the server', async () => {
  const app = appWith((app) =>
    app.websocket('/', async (socket) => await socket.send(socket.protocol), { protocols: ['v2', 'v1'] }),
  )
  await serving(app, async (served) => {
    const { received, socket } = await connect(served, '/', {}, ['v1', 'v2'])
    await until(() => received.length === 1)
    expect([received, socket.protocol]).toEqual([['v2'], 'v2'])
  })
})

test('a message that is too large ends the connection with 1009', async () => {
  const app = appWith((app) =>
    app.websocket(
      '/',
      async (socket) => {
        for await (const _ of socket);
      },
      { maxMessageSize: 100 },
    ),
  )
  await serving(app, async (served) => {
    const client = await connect(served, '/')
    client.socket.send('x'.repeat(101))
    await until(() => client.closed() !== null)
    expect(client.closed()?.[0]).toBe(1009)
    await until(() => served.server.requests === 0)
    expect(served.reports).toEqual([])
  })
})

describe('a handshake is refused', () => {
  const app = () =>
    appWith((app) => {
      app.use((request, next) => {
        if (request.path === '/private') throw new HttpUnauthorized()
        if (request.path === '/teapot') return text('no', { status: 418 })
        return next()
      })
      app.websocket('/private', async () => {})
      app.websocket('/teapot', async () => {})
      app.websocket('/', async (socket) => await socket.send('open'))
      app.websocket('/listed', async (socket) => await socket.send('open'), {
        origins: ['https://good.example'],
      })
      app.get('/http', () => 'http')
    })

  test.each([
    ['/none', {}, 404],
    ['/private', {}, 401],
    ['/teapot', {}, 418],
    ['/', { origin: 'https://evil.example' }, 403],
    ['/', { origin: 'null' }, 403],
    ['/listed', { origin: 'https://evil.example' }, 403],
  ])('%s with %o by %d', async (path, options, status) => {
    await serving(app(), async (served) => {
      const client = await connect(served, path, options)
      expect(client.status()).toBe(status)
      await until(() => served.server.requests === 0)
    })
  })

  test('but not for pages of the same host, or of a listed origin', async () => {
    await serving(app(), async (served) => {
      const same = await connect(served, '/', { origin: served.url })
      await until(() => same.received.length === 1)
      const listed = await connect(served, '/listed', { origin: 'https://good.example' })
      await until(() => listed.received.length === 1)
    })
  })

  test('by 400 where it is broken, and by 426 where it is none', async () => {
    await serving(app(), async (served) => {
      const client = (await RawClient.to(served)).get(
        '/',
        'connection: upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
      )
      expect(await client.untilClosed()).toContain('400 Bad Request')
      const response = await fetch(served.url)
      expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
      await until(() => served.server.requests === 0)
    })
  })

  test('and another protocol is passed over', async () => {
    await serving(app(), async (served) => {
      const client = (await RawClient.to(served)).get('/http', 'connection: upgrade', 'upgrade: h2c')
      expect(await client.untilReceived('http')).toContain('200 OK')
    })
  })
})

test('stopping closes websockets with 1001, and waits for their handlers', async () => {
  const log: string[] = []
  const app = appWith((app) =>
    app.websocket('/', async (socket) => {
      for await (const _ of socket);
      await sleep(10)
      log.push('over')
    }),
  )
  await serving(app, async (served) => {
    const client = await connect(served, '/')
    await until(() => served.server.requests === 1)
    const report = await served.server.stop()
    expect(report.cancelled).toEqual([])
    expect(log).toEqual(['over'])
    await until(() => client.closed() !== null)
    expect(client.closed()?.[0]).toBe(1001)
  })
})

test('a handler that does not end is cancelled at the deadline, and its connection cut', async () => {
  const app = appWith((app) => app.websocket('/chat', () => sleep(60_000)))
  await serving(app, async (served) => {
    const client = await connect(served, '/chat')
    await until(() => served.server.requests === 1)
    const report = await served.server.stop({ within: 30 })
    expect(report.cancelled).toEqual(['GET /chat'])
    await until(() => client.closed() !== null)
  })
})
