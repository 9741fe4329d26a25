// Requests that are broken: each is answered with 4xx, or its connection is closed, and the server goes on serving.
import { once } from 'node:events'
import net from 'node:net'
import { run, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { type HttpServer, serve } from '../../src/index.ts'
import { malformed } from './support/malformed.ts'
import { appWith, ask, until } from './support/serving.ts'

/** Paths whose handlers came to their end. */
type Log = string[]

function appThatNotes(log: Log) {
  return appWith(
    (app) => {
      app.get('/', () => 'fine')
      app.get('/:name', ({ params }) => {
        log.push(`/${params.name}`)
        return 'fine'
      })
      app.post('/read', async (request) => {
        const body = await request.text()
        log.push(`read ${body}`)
        return body
      })
    },
    { bodyLimit: 20_000 },
  )
}

/** Send bytes, say that there are no more, and return what came back until the connection was closed. */
async function exchange(server: HttpServer, bytes: string): Promise<string> {
  const socket = net.connect(server.port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk
  })
  // What it does not want to read, the server may answer with a reset.
  socket.on('error', () => {})
  socket.end(bytes, 'latin1')
  await new Promise((resolve, reject) => {
    socket.on('close', resolve)
    setTimeout(() => reject(new Error('The connection stays open.')), 10_000).unref()
  })
  return received
}

function statuses(received: string): number[] {
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
}

async function serving(log: Log, body: (server: HttpServer) => Promise<unknown>): Promise<void> {
  await run(async () => {
    await use(serve(appThatNotes(log), { port: 0 }), body)
  })
}

describe('a malformed request', () => {
  test('is one of at least sixty', () => expect(malformed.length).toBeGreaterThanOrEqual(60))

  test.each(malformed)('with %s is refused', async (_, bytes) => {
    const log: Log = []
    await serving(log, async (server) => {
      const received = await exchange(server, bytes)
      expect(statuses(received).filter((status) => status < 400 || status >= 500)).toEqual([])
      expect(log).toEqual([])
      expect(await ask(`${server.url}/`)).toEqual([200, 'fine'])
      await until(() => server.requests === 0)
    })
  })

  test('of any kind disturbs no other, all at once', async () => {
    const log: Log = []
    await serving(log, async (server) => {
      const bad = malformed.map(([, bytes]) => exchange(server, bytes))
      const good = malformed.map(() => ask(`${server.url}/`))
      expect(new Set((await Promise.all(good)).map(([status]) => status))).toEqual(new Set([200]))
      await Promise.all(bad)
      expect(log).toEqual([])
      await until(() => server.requests === 0)
    })
  })
})

test('a websocket that is asked for with two hosts is refused', async () => {
  await run(async () => {
    const app = appWith((app) => app.websocket('/', () => {}))
    await use(serve(app, { port: 0 }), async (server) => {
      const handshake = ['Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
      const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='
      const ask = (...hosts: string[]) =>
        exchange(server, ['GET / HTTP/1.1', ...hosts, ...handshake, key, '', ''].join('\r\n'))
      expect(await ask('Host: test')).toMatch(/^HTTP\/1\.1 101 /)
      expect(statuses(await ask('Host: test', 'Host: other'))).toEqual([400])
    })
  })
})

const whole: readonly (readonly [kind: string, bytes: string])[] = [
  [
    'a length',
    'POST /read HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789',
  ],
  [
    'chunks',
    'POST /read HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n01234\r\n5\r\n56789\r\n0\r\nX-T: 1\r\n\r\n',
  ],
]

describe.each(whole)('a request of %s that ends early', (_, bytes) => {
  const offsets = Array.from(bytes, (_, offset) => offset)

  test('is refused or ignored at every offset, by an end of what is sent', async () => {
    const log: Log = []
    await serving(log, async (server) => {
      const answers = await Promise.all(offsets.map((offset) => exchange(server, bytes.slice(0, offset))))
      expect(answers.flatMap(statuses).filter((status) => status < 400 || status >= 500)).toEqual([])
      expect(log).toEqual([])
      expect(statuses(await exchange(server, bytes))).toEqual([200])
      expect(log).toEqual(['read 0123456789'])
      await until(() => server.requests === 0)
    })
  })

  test('leaves nothing behind at any offset, by a connection that is reset', async () => {
    const log: Log = []
    await serving(log, async (server) => {
      for (const offset of offsets) {
        const socket = net.connect(server.port, '127.0.0.1')
        socket.on('error', () => {})
        socket.write(bytes.slice(0, offset), 'latin1', () => socket.resetAndDestroy())
        await once(socket, 'close')
      }
      await until(() => server.requests === 0 && server.connections === 0)
      expect(log).toEqual([])
      expect(statuses(await exchange(server, bytes))).toEqual([200])
    })
  })

  test('is whole, however it is cut into pieces', async () => {
    const log: Log = []
    await serving(log, async (server) => {
      const answers = await Promise.all(
        offsets.map(async (offset) => {
          const socket = net.connect(server.port, '127.0.0.1').setNoDelay()
          let received = ''
          socket.setEncoding('latin1').on('data', (chunk: string) => {
            received += chunk
          })
          socket.write(bytes.slice(0, offset), 'latin1', () => {
            setImmediate(() => socket.write(bytes.slice(offset), 'latin1'))
          })
          await once(socket, 'close')
          return received
        }),
      )
      expect(answers.flatMap(statuses)).toEqual(offsets.map(() => 200))
      expect(new Set(log)).toEqual(new Set(['read 0123456789']))
    })
  })
})
