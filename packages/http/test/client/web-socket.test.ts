// Opening websockets from a session, against servers of `ws`.
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { createTask, run, timeout, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { cert, key } from '../../../core/test/support/certificate.ts'
import type { CookieJar, WebSocketConnectOptions } from '../../src/index.ts'
import { startProxy } from '../support/proxies.ts'
import { listening } from '../support/secure.ts'
import { afterTest, deadPort, httpServer, rawServer, until } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

interface SocketServer {
  readonly port: number
  readonly url: string
  readonly clients: Set<WebSocket>
  readonly requests: http.IncomingMessage[]
  /** The close codes that it saw. */
  readonly codes: number[]
}

/** An echo. */
async function socketServer(options: ServerOptions & { isSecure?: boolean } = {}): Promise<SocketServer> {
  const { isSecure = false, ...rest } = options
  const server = isSecure ? https.createServer({ key, cert }) : http.createServer()
  const sockets = new WebSocketServer({ server, ...rest })
  const requests: http.IncomingMessage[] = []
  const codes: number[] = []
  sockets.on('connection', (socket, request) => {
    requests.push(request)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('error', () => {})
    socket.on('close', (code) => codes.push(code))
  })
  sockets.on('headers', (headers) => headers.push('Set-Cookie: ws=1; Path=/'))
  const port = await listening(server)
  afterTest(() => {
    for (const client of sockets.clients) client.terminate()
    sockets.close()
  })
  const url = isSecure ? `wss://localhost:${port}` : `ws://127.0.0.1:${port}`
  return { port, url, clients: sockets.clients, requests, codes }
}

describe('wsConnect', () => {
  bothSpellings('opens a websocket that is closed at the end', ['hello', '"grüße"', '[1000]'], {
    world: async () => {
      const server = await socketServer()
      return { server, session: sessionFor() }
    },
    *generator({ server, session }, print) {
      yield* use(session.wsConnect(server.url), function* (socket) {
        yield* socket.send('hello')
        print(yield* socket.receive())
        yield* socket.sendJson('grüße')
        print(yield* socket.receiveText())
      })
      print(server.codes)
    },
    async async({ server, session }, print) {
      {
        await using socket = await session.wsConnect(server.url)
        await socket.send('hello')
        print(await socket.receive())
        await socket.sendJson('grüße')
        print(await socket.receiveText())
      }
      print(server.codes)
    },
  })

  test('sends what the session sends, and keeps the cookies of the handshake', async () => {
    const server = await socketServer()
    const session = sessionFor({
      baseUrl: `http://localhost:${server.port}/base/`,
      headers: { 'x-session': 'yes' },
      cookies: { c: '1' },
      auth: { username: 'u', password: 'p' },
    })
    await run(async () => {
      const socket = await session.wsConnect('chat', {
        params: { room: 'a b' },
        headers: { 'x-own': 'too', origin: 'http://localhost' },
        protocols: ['v2', 'v1'],
      })
      expect(socket.protocol).toBe('v2')
      await socket.close()
    })
    const { url, headers } = server.requests[0] as http.IncomingMessage
    expect(url).toBe('/base/chat?room=a+b')
    expect(headers).toMatchObject({
      'x-session': 'yes',
      'x-own': 'too',
      origin: 'http://localhost',
      cookie: 'c=1',
      authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
      'sec-websocket-protocol': 'v2,v1',
      'user-agent': 'polvo',
    })
    expect((session.cookieJar as CookieJar).cookieHeader(new URL(`http://localhost:${server.port}/`))).toBe(
      'ws=1',
    )
  })

  test('goes over TLS, with the certificates of the session', async () => {
    const server = await socketServer({ isSecure: true })
    await run(async () => {
      const socket = await sessionFor({ tls: { ca: cert } }).wsConnect(`${server.url}/x`)
      await socket.send('secret')
      expect(await socket.receive()).toBe('secret')
      await socket.close()
    })
    expect((await errorOf(() => sessionFor().wsConnect(server.url))).name).toBe('ClientCertificateError')
  })

  test.each([false, true])('goes through a tunnel of the proxy (TLS: %s)', async (isSecure) => {
    const [server, proxy] = [await socketServer({ isSecure }), await startProxy()]
    await run(async () => {
      const session = sessionFor({ tls: { ca: cert }, proxy: proxy.url })
      const socket = await session.wsConnect(server.url)
      await socket.send('through')
      expect(await socket.receive()).toBe('through')
      await session.close()
    })
    expect(proxy.asked).toEqual([`CONNECT ${server.url.replace(/^wss?:\/\//, '')}`])
    await until(() => proxy.open.size === 0)
  })

  test.each([false, true])(
    'gives messages of any size up to the limit (compressed: %s)',
    async (compress) => {
      const server = await socketServer({ perMessageDeflate: compress })
      await run(async () => {
        const socket = await sessionFor().wsConnect(server.url, { compress, maxMessageSize: 100_000 })
        await socket.send('x'.repeat(100_000))
        expect((await socket.receiveText()).length).toBe(100_000)
        await socket.send('x'.repeat(100_001))
        await expect(createTask(socket.receive())).rejects.toMatchObject({ closeCode: 1009 })
        await socket.close()
      })
      expect(server.codes).toEqual([1009])
    },
  )

  test('takes 4 MiB by default, and no more', async () => {
    const server = await socketServer()
    await run(async () => {
      const socket = await sessionFor().wsConnect(server.url)
      await socket.send(new Uint8Array(4 * 1024 * 1024))
      expect((await socket.receiveBytes()).length).toBe(4 * 1024 * 1024)
      await socket.send(new Uint8Array(4 * 1024 * 1024 + 1))
      await expect(createTask(socket.receive())).rejects.toMatchObject({ closeCode: 1009 })
    })
  })

  test('gives a silent server up by its heartbeat', async () => {
    const server = await socketServer({ autoPong: false })
    await run(async () => {
      const socket = await sessionFor().wsConnect(server.url, { heartbeat: 20 })
      await expect(createTask(async () => timeout(2000, () => socket.receive()))).rejects.toMatchObject({
        closeCode: 1006,
      })
    })
  })

  test('loses no message that comes with the handshake itself', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    afterTest(() => server.close())
    server.on('connection', (socket) => {
      for (let i = 0; i < 100; i++) socket.send(String(i))
      socket.close(1001, 'bye')
    })
    const { port } = server.address() as { port: number }
    const received: unknown[] = []
    await run(async () => {
      for await (const message of await sessionFor().wsConnect(`ws://127.0.0.1:${port}`))
        received.push(message)
    })
    expect(received).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
  })
})

describe('a handshake that fails', () => {
  test.each<[number, Record<string, string>, string]>([
    [200, {}, 'Is there a websocket at that URL?'],
    [403, {}, 'the server answered 403 Forbidden, and opened no websocket.'],
    [302, { location: 'https://other/' }, 'Ask https://other/ instead.'],
  ])('with %i is a WebSocketHandshakeError', async (status, headers, message) => {
    const server = await httpServer((_, response) => response.writeHead(status, headers).end('no'))
    const error = await errorOf(() => sessionFor().wsConnect(server.url.replace('http', 'ws')))
    expect(error).toMatchObject({
      name: 'WebSocketHandshakeError',
      code: 'POLVO_HTTP_WEBSOCKET_HANDSHAKE',
      status,
    })
    expect(error.message).toContain(message)
    await server.untilOpen(0)
  })

  test('with a wrong key is a WebSocketHandshakeError', async () => {
    const server = await rawServer((socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n',
        ),
      ),
    )
    const error = await errorOf(() => sessionFor().wsConnect(server.url))
    expect(error).toMatchObject({ name: 'WebSocketHandshakeError', status: 101 })
    await server.untilOpen(0)
  })

  test.each<[string, (socket: import('node:net').Socket) => void]>([
    ['hangs up', (socket) => socket.end()],
    ['resets the connection', (socket) => socket.resetAndDestroy()],
    ['talks something else', (socket) => socket.end('hello?\r\n\r\n')],
  ])('since the server %s is a ClientConnectionError', async (_, act) => {
    const server = await rawServer((socket) => socket.once('data', () => act(socket)))
    const { ClientConnectionError } = await import('../../src/index.ts')
    expect(await errorOf(() => sessionFor().wsConnect(server.url))).toBeInstanceOf(ClientConnectionError)
    await server.untilOpen(0)
  })

  test('since nobody is there says so', async () => {
    const error = await errorOf(() =>
      deadPort().then((port) => sessionFor().wsConnect(`ws://127.0.0.1:${port}`)),
    )
    expect(error.name).toBe('ClientConnectorError')
    expect(error.message).toContain('Nothing listens there')
  })

  test('in time is a ClientTimeoutError', async () => {
    const server = await rawServer((socket) => socket.resume())
    const session = sessionFor()
    for (const limit of ['total', 'read'] as const) {
      const error = await errorOf(() => session.wsConnect(server.url, { timeout: { [limit]: 30 } }))
      expect(error).toMatchObject({ name: 'ClientTimeoutError', limit })
    }
    await server.untilOpen(0)
  })

  test('by cancellation hangs up', async () => {
    const server = await rawServer((socket) => socket.resume())
    await run(async () => {
      await expect(timeout(50, () => sessionFor().wsConnect(server.url))).rejects.toThrow('50')
    })
    await server.untilOpen(0)
  })

  test.each<[string, WebSocketConnectOptions, string]>([
    ['ftp://host', {}, 'its scheme is "ftp"'],
    ['ws://host', { maxMessageSize: -1 }, 'maxMessageSize takes 0 or more, and was given -1.'],
    ['ws://host', { proxy: 'socks://x' }, 'proxy takes the http or https URL'],
  ])('for %s with %o is refused', async (url, options, message) => {
    expect((await errorOf(() => sessionFor().wsConnect(url, options))).message).toContain(message)
  })

  test('cancelled in the very pass in which it opens leaves nothing', async () => {
    const server = await socketServer()
    const session = sessionFor()
    await run(async () => {
      for (let i = 0; i < 20; i++) {
        const task = createTask(session.wsConnect(server.url))
        await until(() => server.requests.length > i)
        for (let turns = 0; turns < i % 7; turns++) await new Promise(setImmediate)
        task.cancel()
        await createTask(task).then(
          (socket) => socket.abort(),
          () => {},
        )
      }
    })
    await until(() => server.clients.size === 0)
  })
})

describe('closing the session', () => {
  test('says goodbye to its websockets, with 1001', async () => {
    const server = await socketServer()
    const session = sessionFor()
    await run(async () => {
      const sockets = await Promise.all([1, 2, 3].map(() => session.wsConnect(server.url)))
      await session.close()
      expect(sockets.every(({ isClosed }) => isClosed)).toBe(true)
      await expect(createTask(session.wsConnect(server.url))).rejects.toThrow('the session is closed')
    })
    await until(() => server.codes.length === 3)
    expect(server.codes).toEqual([1001, 1001, 1001])
  })

  test('hangs up on those that do not answer, and on handshakes', async () => {
    const silent = await rawServer((socket) => socket.resume())
    const session = sessionFor()
    await run(async () => {
      const opening = createTask(session.wsConnect(silent.url))
      const outcome = opening.then(null, (error: unknown) => error)
      await silent.untilOpen(1)
      await timeout(2000, () => session.close())
      expect(await outcome).toMatchObject({ name: 'ClientConnectionError' })
    })
    await silent.untilOpen(0)
  })
})
