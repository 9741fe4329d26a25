// The ways to reach a server: TLS, Unix sockets, addresses and where they come from.
import { X509Certificate } from 'node:crypto'
import { lookup as dnsLookup } from 'node:dns'
import { once } from 'node:events'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { cert, key } from '../../../core/test/support/certificate.ts'
import { DnsCache } from '../../src/client/dns-cache.ts'
import { ClientError } from '../../src/index.ts'
import { secureServer } from '../support/secure.ts'
import { afterTest, httpServer, rawServer } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

describe('https', () => {
  bothSpellings('trusts the certificates it is given', ['secure /x', 'secure /y', 'connections 1'], {
    world: async () => sessionFor({ baseUrl: await secureServer(), tls: { ca: cert } }),
    *generator(session, print) {
      print(yield* use(session.get('/x'), (response) => response.text()))
      print(yield* use(session.get('/y'), (response) => response.text()))
      print('connections', session.stats().connections)
    },
    async async(session, print) {
      print(await (await session.get('/x')).text())
      print(await (await session.get('/y')).text())
      print('connections', session.stats().connections)
    },
  })

  test('refuses others, and says what to do', async () => {
    const url = await secureServer()
    const session = sessionFor()
    const error = await errorOf(() => session.get(url))
    expect(error.name).toBe('ClientCertificateError')
    expect(error.message).toContain('Check the certificate, or give tls: { ca }.')
    expect(session.stats().connections).toBe(0)
  })

  test('refuses a certificate for another name', async () => {
    const url = (await secureServer()).replace('localhost', '127.0.0.1')
    const error = await errorOf(() => sessionFor({ tls: { ca: cert } }).get(url))
    expect(error.message).toContain('Check the certificate')
  })

  test('trusts anything with rejectUnauthorized: false', async () => {
    const url = await secureServer()
    const session = sessionFor({ tls: { rejectUnauthorized: false } })
    expect(await run(async () => (await session.get(url)).text())).toBe('secure /')
  })
})

describe('a pinned certificate', () => {
  const fingerprint = new X509Certificate(cert).fingerprint256

  test.each([
    ['though nobody knows who signed it', fingerprint],
    ['written without colons, in lower case', fingerprint.replaceAll(':', '').toLowerCase()],
  ])('is accepted: %s', async (_, pinned) => {
    const session = sessionFor({
      baseUrl: await secureServer(),
      tls: { fingerprint: pinned, rejectUnauthorized: false },
    })
    await run(async () => {
      // The second connection resumes the session of the first.
      for (const path of ['/1', '/2']) {
        const response = await session.get(path, { headers: { connection: 'close' } })
        expect(await response.text()).toBe(`secure ${path}`)
      }
    })
  })

  test('is the only one: another is a ClientCertificateError', async () => {
    const url = await secureServer()
    const session = sessionFor({ tls: { ca: cert, fingerprint: fingerprint.replace(/^../, '00') } })
    const error = await errorOf(() => session.get(url))
    expect(error).toMatchObject({ name: 'ClientCertificateError', code: 'POLVO_HTTP_CERTIFICATE' })
    expect(error.message).toContain('pin that one')
    expect(session.stats().connections).toBe(0)
  })
})

describe('TLS that fails', () => {
  test('is a ClientTlsError where it is no certificate', async () => {
    const server = await rawServer((socket) => socket.once('data', () => socket.end('no TLS here, sorry')))
    const error = await errorOf(() => sessionFor().get(`https://127.0.0.1:${server.port}/`))
    expect(error).toMatchObject({ name: 'ClientTlsError', code: 'POLVO_HTTP_TLS' })
  })

  test('shows a client certificate to a server that asks for one', async () => {
    const url = await secureServer({ requestCert: true, ca: cert })
    const session = sessionFor({ tls: { ca: cert, cert, key } })
    expect(await run(async () => (await session.get(`${url}/mine`)).text())).toBe('secure /mine')
    const without = await errorOf(() => sessionFor({ tls: { ca: cert } }).get(`${url}/`))
    expect(without).toBeInstanceOf(ClientError)
  })
})

describe('names', () => {
  const answering = async () => httpServer((request, response) => response.end(request.socket.remoteAddress))

  test('are looked up once for a while, and once for those who ask at the same time', async () => {
    let asked = 0
    const { lookup } = new DnsCache(60, ((name: string, options: object, done: never) => {
      asked++
      dnsLookup(name, options, done)
    }) as typeof dnsLookup)
    const ask = () =>
      new Promise<unknown>((resolve) => lookup('localhost', { all: true }, (_, found) => resolve(found)))
    const [first, second] = await Promise.all([ask(), ask()])
    expect(first).toEqual(second)
    await ask()
    expect(asked).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 80))
    await ask()
    expect(asked).toBe(2)
  })

  test('that are not found are asked again', async () => {
    let asked = 0
    const { lookup } = new DnsCache(10_000, ((_: string, __: object, done: (error: Error) => void) => {
      asked++
      setImmediate(done, Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    }) as unknown as typeof dnsLookup)
    const ask = () => new Promise((resolve) => lookup('x', {}, resolve))
    expect(await ask()).toMatchObject({ code: 'ENOTFOUND' })
    await ask()
    expect(asked).toBe(2)
  })

  test('are found by a function of ones own, with several addresses tried', async () => {
    const server = await answering()
    const lookup = (_: string, __: object, done: (...args: unknown[]) => void) =>
      done(null, [
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const session = sessionFor({ lookup: lookup as never, happyEyeballsDelay: 20 })
    await run(async () => {
      expect(await (await session.get(`http://any.name:${server.port}/`)).text()).toBe('127.0.0.1')
    })
  })

  test('are answered from the cache for every connection of a session', async () => {
    const server = await answering()
    const session = sessionFor({
      baseUrl: `http://localhost:${server.port}`,
      family: 4,
      dnsCacheTimeout: 1000,
    })
    await run(async () => {
      for (let i = 0; i < 3; i++) {
        const response = await session.get('/', { headers: { connection: 'close' } })
        expect(await response.text()).toBe('127.0.0.1')
      }
    })
    expect(server.accepted).toBe(3)
  })

  test('are not needed to say where to connect from', async () => {
    const server = await answering()
    const session = sessionFor({ baseUrl: server.url, localAddress: '127.0.0.9' })
    expect(await run(async () => (await session.get('/')).text())).toBe('127.0.0.9')
    expect(() => sessionFor({ family: 5 as 4 })).toThrow('family takes 4 or 6, and was given 5.')
  })
})

describe('socketPath', () => {
  const path = join(tmpdir(), `polvo-http-${process.pid}.sock`)

  test('connects to a Unix socket, whatever the host', async () => {
    const server = http
      .createServer((request, response) => response.end(`${request.headers.host}${request.url}`))
      .listen(path)
    await once(server, 'listening')
    afterTest(() => {
      server.closeAllConnections()
      server.close()
    })
    const session = sessionFor({ socketPath: path })
    expect(await run(async () => (await session.get('http://docker/info')).text())).toBe('docker/info')
  })

  test('says so when there is no such socket', async () => {
    const error = await errorOf(() => sessionFor({ socketPath: `${path}.none` }).get('http://docker/info'))
    expect(error.name).toBe('ClientConnectorError')
    expect(error.message).toContain('There is no such socket: is the server running?')
  })
})
