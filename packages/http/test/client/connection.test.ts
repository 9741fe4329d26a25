// The ways to reach a server that are not plain TCP: TLS and Unix sockets.
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { cert, key } from '../../../core/test/support/certificate.ts'
import { afterTest } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

async function secureServer(): Promise<string> {
  const server = https.createServer({ key, cert }, (request, response) =>
    response.end(`secure ${request.url}`),
  )
  server.listen(0)
  await once(server, 'listening')
  afterTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://localhost:${(server.address() as AddressInfo).port}`
}

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
    expect(error.name).toBe('ClientConnectionError')
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
    expect(error.name).toBe('ClientConnectionError')
    expect(error.message).toContain('There is no such socket: is the server running?')
  })
})
