import { run } from 'polvo'
import { describe, expect, test } from 'vitest'
import { wireError } from '../../src/client/wire-error.ts'
import * as http from '../../src/index.ts'
import { cannedServer, deadPort, rawServer } from '../support/servers.ts'
import { errorOf, sessionFor } from '../support/spellings.ts'

const request = { method: 'GET', url: 'http://host/x' }

describe('ClientError', () => {
  test.each([
    [new http.ClientConnectionError(request, 'what.'), 'POLVO_HTTP_CONNECTION'],
    [new http.ClientConnectorError(request, 'what.'), 'POLVO_HTTP_CONNECT'],
    [new http.ClientDnsError(request, 'what.'), 'POLVO_HTTP_DNS'],
    [new http.ClientTlsError(request, 'what.'), 'POLVO_HTTP_TLS'],
    [new http.ClientCertificateError(request, 'what.'), 'POLVO_HTTP_CERTIFICATE'],
    [new http.ClientProxyError(request, 'what.', 407), 'POLVO_HTTP_PROXY'],
    [new http.ServerDisconnected(request, 'what.'), 'POLVO_HTTP_DISCONNECTED'],
    [new http.ClientPayloadError(request, 'what.'), 'POLVO_HTTP_PAYLOAD'],
    [new http.ContentTypeError(request, 'what.'), 'POLVO_HTTP_CONTENT_TYPE'],
    [
      new http.WebSocketHandshakeError({ ...request, status: 403, reason: '', headers: new Headers() }),
      'POLVO_HTTP_WEBSOCKET_HANDSHAKE',
    ],
    [new http.InvalidUrl(request, 'what.'), 'POLVO_HTTP_INVALID_URL'],
    [new http.ClientTimeoutError(request, 'read', 5), 'POLVO_TIMEOUT'],
    [
      new http.ClientResponseError({ ...request, status: 404, reason: '', headers: new Headers() }),
      'POLVO_HTTP_STATUS',
    ],
    [
      new http.TooManyRedirects({ ...request, status: 302, reason: '', headers: new Headers() }, ['a', 'b']),
      'POLVO_HTTP_TOO_MANY_REDIRECTS',
    ],
  ])('%o is one, with its own code, and names the request', (error, code) => {
    expect(error).toBeInstanceOf(http.ClientError)
    expect(error).toMatchObject({ ...request, code, name: error.constructor.name })
    expect(error.message.startsWith('GET http://host/x: ')).toBe(true)
  })

  test.each([
    ['ClientDnsError', ['ClientConnectorError', 'ClientConnectionError']],
    ['ClientCertificateError', ['ClientTlsError', 'ClientConnectorError', 'ClientConnectionError']],
    ['ClientProxyError', ['ClientConnectorError', 'ClientConnectionError']],
    ['ServerDisconnected', ['ClientConnectionError']],
    ['ContentTypeError', ['ClientPayloadError']],
    ['TooManyRedirects', ['ClientResponseError']],
    ['WebSocketHandshakeError', ['ClientResponseError']],
  ] as const)('%s is caught by its bases', (name, bases) => {
    const classes = { ...http }
    for (const base of bases) expect(classes[name].prototype).toBeInstanceOf(classes[base])
  })

  test('is told apart from the others', () => {
    const error = new http.ClientPayloadError(request, 'what.')
    expect(error).not.toBeInstanceOf(http.ClientConnectionError)
    expect(error).not.toBeInstanceOf(http.ClientTimeoutError)
    expect(new http.ClientTimeoutError(request, 'total', 5)).not.toBeInstanceOf(http.ClientPayloadError)
    expect(new Error('other')).not.toBeInstanceOf(http.ClientError)
    expect(
      new http.TooManyRedirects({ ...request, status: 302, reason: '', headers: new Headers() }, ['a', 'a'])
        .message,
    ).toContain('redirected again after 1 redirect; the redirects go in a circle.')
  })
})

describe('ClientConnectionError', () => {
  test('says that nobody listens, and has the cause and the stack of the one who asked', async () => {
    const port = await deadPort()
    async function whoAsks() {
      return sessionFor().get(`http://127.0.0.1:${port}/x`)
    }
    const error = await errorOf(whoAsks)
    expect(error).toMatchObject({ name: 'ClientConnectorError', code: 'POLVO_HTTP_CONNECT' })
    expect(error.message).toBe(
      `GET http://127.0.0.1:${port}/x: connect ECONNREFUSED 127.0.0.1:${port}. Nothing listens there: is the server running?`,
    )
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ECONNREFUSED')
    expect(error.stack).toContain('sending.ts')
  })

  test('says that there is no such host', async () => {
    const error = await errorOf(() => sessionFor().get('http://user:pw@no-such-host.invalid/x'))
    expect(error.name).toBe('ClientDnsError')
    expect(error.message).toContain('GET http://no-such-host.invalid/x: getaddrinfo')
    expect(error.message).not.toContain('pw')
  })

  test.each<[string, string, (socket: import('node:net').Socket) => void]>([
    ['ends the connection', 'ServerDisconnected', (socket) => socket.end()],
    ['resets it', 'ServerDisconnected', (socket) => socket.resetAndDestroy()],
    ['talks something else', 'ClientConnectionError', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    [
      'sends endless headers',
      'ClientConnectionError',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
    ],
  ])('comes when the server %s in place of an answer', async (_, name, act) => {
    const server = await rawServer((socket) => socket.once('data', () => act(socket)))
    const session = sessionFor()
    const error = await errorOf(() => session.get(`${server.url}/x`))
    expect(error).toMatchObject({ name, method: 'GET', url: `${server.url}/x` })
    expect(error.cause).toBeInstanceOf(Error)
    expect(session.stats().connections).toBe(0)
    await server.untilOpen(0)
  })

  test('names all addresses that were tried, and knows certificates', () => {
    const refused = (address: string) =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' })
    const all = Object.assign(new AggregateError([refused('::1'), refused('127.0.0.1')], ''), {
      code: 'ECONNREFUSED',
    })
    expect(wireError(request, all, 'connecting').message).toBe(
      'GET http://host/x: connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1. Nothing listens there: is the server running?',
    )
    const certificate = Object.assign(new Error('self-signed certificate'), {
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    expect(wireError(request, certificate, 'connecting').message).toContain(
      'Check the certificate, or give tls: { ca }.',
    )
  })

  test('leaves the session in working order', async () => {
    const port = await deadPort()
    const server = await cannedServer('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')
    const session = sessionFor({ limit: 1 })
    await run(async () => {
      for (let i = 0; i < 3; i++) {
        await expect(session.get(`http://127.0.0.1:${port}/`)).rejects.toThrow(http.ClientConnectionError)
        expect(await (await session.get(server.url)).text()).toBe('hi')
      }
    })
  })
})
