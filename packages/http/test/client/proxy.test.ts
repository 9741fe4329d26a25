import { run, timeout, use } from 'polvo'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { cert } from '../../../core/test/support/certificate.ts'
import { EnvironmentProxies } from '../../src/client/route.ts'
import { startProxy } from '../support/proxies.ts'
import { secureServer } from '../support/secure.ts'
import { bodyOf, deadPort, httpServer, until } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

afterEach(() => vi.unstubAllEnvs())

async function origin() {
  return httpServer(async (request, response) => {
    response.end(`${request.headers.host} ${request.url} ${await bodyOf(request)}`)
  })
}

describe('a proxy', () => {
  bothSpellings('forwards http requests, on connections that are kept', ['true', 'true', '1'], {
    world: async () => {
      const [server, proxy] = [await origin(), await startProxy()]
      return { server, session: sessionFor({ baseUrl: server.url, proxy: proxy.url }) }
    },
    *generator({ server, session }, print) {
      const host = server.url.slice(7)
      print((yield* use(session.get('/a?b'), (r) => r.text())) === `${host} /a?b `)
      print((yield* use(session.post('/', { data: 'body' }), (r) => r.text())) === `${host} / body`)
      print(session.stats().connections)
    },
    async async({ server, session }, print) {
      const host = server.url.slice(7)
      print((await (await session.get('/a?b')).text()) === `${host} /a?b `)
      print((await (await session.post('/', { data: 'body' })).text()) === `${host} / body`)
      print(session.stats().connections)
    },
  })

  test('carries requests to several servers on one connection', async () => {
    const [one, other, proxy] = [await origin(), await origin(), await startProxy()]
    const session = sessionFor({ proxy: proxy.url })
    await run(async () => {
      for (const { url } of [one, other, one]) {
        expect(await (await session.get(`${url}/x`)).text()).toBe(`${url.slice(7)} /x `)
      }
    })
    expect(session.stats().connections).toBe(1)
    expect(proxy.asked).toEqual([`GET ${one.url}/x`, `GET ${other.url}/x`, `GET ${one.url}/x`])
  })

  test.each([false, true])('opens a tunnel for https (proxy over https: %s)', async (isSecure) => {
    const url = await secureServer()
    const proxy = await startProxy({ isSecure })
    const session = sessionFor({ proxy: proxy.url, tls: { ca: cert } })
    await run(async () => {
      expect(await (await session.get(`${url}/a`)).text()).toBe('secure /a')
      expect(await (await session.get(`${url}/b`)).text()).toBe('secure /b')
      expect(session.stats().connections).toBe(1)
      await session.close()
    })
    expect(proxy.asked).toEqual([`CONNECT ${url.slice(8)}`])
    await until(() => proxy.open.size === 0)
  })

  test('is given the credentials of its URL, and the server is not', async () => {
    const server = await httpServer((request, response) => response.end(JSON.stringify(request.headers)))
    const url = await secureServer()
    const proxy = await startProxy({ credentials: 'us:pw' })
    const session = sessionFor({ proxy: proxy.url.replace('//', '//us:pw@'), tls: { ca: cert } })
    await run(async () => {
      expect(await (await session.get(`${server.url}/`)).text()).not.toContain('authorization')
      expect(await (await session.get(`${url}/`)).text()).toBe('secure /')
    })
  })

  test('that refuses a tunnel is a ClientProxyError with its status, and without credentials in the text', async () => {
    const proxy = await startProxy({ credentials: 'us:pw' })
    const session = sessionFor({ proxy: proxy.url.replace('//', '//us:no@') })
    const error = await errorOf(() => session.get('https://host.invalid/'))
    expect(error).toMatchObject({ name: 'ClientProxyError', code: 'POLVO_HTTP_PROXY', status: 407 })
    expect(error.message).toBe(
      `GET https://host.invalid/: the proxy ${proxy.url} answered 407 Proxy Authentication Required; give credentials in its URL.`,
    )
    expect(session.stats().connections).toBe(0)
    const answer = await run(async () => session.get('http://host.invalid/'))
    expect(answer.status).toBe(407)
  })

  test.each<[string, (socket: import('node:net').Socket) => void, string]>([
    ['hangs up', (socket) => socket.destroy(), 'hung up'],
    ['talks something else', (socket) => socket.write('SSH-2.0\r\n\r\n'), 'did not answer in HTTP'],
    ['never ends its answer', (socket) => socket.write('x'.repeat(20_000)), 'answered with more than can be'],
  ])('that %s is a ClientProxyError', async (_, onConnect, message) => {
    const proxy = await startProxy({ onConnect })
    const error = await errorOf(() => sessionFor({ proxy: proxy.url }).get('https://host.invalid/'))
    expect(error).toMatchObject({ name: 'ClientProxyError', status: null })
    expect(error.message).toContain(message)
    await until(() => proxy.open.size === 0)
  })

  test('that is not there is a ClientProxyError', async () => {
    const proxy = `http://127.0.0.1:${await deadPort()}`
    for (const url of ['http://host.invalid/', 'https://host.invalid/']) {
      const error = await errorOf(() => sessionFor({ proxy }).get(url))
      expect(error).toMatchObject({ name: 'ClientProxyError', status: null })
      expect(error.message).toContain(`the proxy ${proxy} was not reached: connect ECONNREFUSED`)
    }
  })

  test('is hung up on when the request is cancelled while it opens a tunnel', async () => {
    const proxy = await startProxy({ onConnect: () => {} })
    const session = sessionFor({ proxy: proxy.url })
    await run(async () => {
      await expect(timeout(50, () => session.get('https://host.invalid/'))).rejects.toThrow('50')
      expect(session.stats().connections).toBe(0)
    })
    await until(() => proxy.open.size === 0)
  })

  test('is chosen for a request, or left out', async () => {
    const [server, proxy] = [await origin(), await startProxy()]
    await run(async () => {
      const straight = sessionFor({ baseUrl: server.url })
      await (await straight.get('/1', { proxy: proxy.url })).text()
      await (await straight.get('/2')).text()
      const proxied = sessionFor({ baseUrl: server.url, proxy: proxy.url })
      await (await proxied.get('/3', { proxy: null })).text()
      await (await proxied.get('/4')).text()
    })
    expect(proxy.asked).toEqual([`GET ${server.url}/1`, `GET ${server.url}/4`])
  })

  test.each(['socks5://host:1080', 'host:8080', ''])('of the URL "%s" is refused', (proxy) => {
    expect(() => sessionFor({ proxy })).toThrow('proxy takes the http or https URL of a proxy')
  })

  test('and a Unix socket do not go together', () => {
    expect(() => sessionFor({ proxy: 'http://p', socketPath: '/s' })).toThrow('not both')
  })
})

describe('trustEnv', () => {
  test('takes the proxies of the environment', async () => {
    const [server, proxy] = [await origin(), await startProxy()]
    vi.stubEnv('http_proxy', proxy.url)
    vi.stubEnv('no_proxy', '')
    await run(async () => {
      await (await sessionFor({ trustEnv: true }).get(`${server.url}/1`)).text()
      await (await sessionFor().get(`${server.url}/2`)).text()
    })
    expect(proxy.asked).toEqual([`GET ${server.url}/1`])
  })

  const both = { http_proxy: 'http://a:1', HTTPS_PROXY: 'b:2' }
  test.each<[string, Record<string, string>, string | null]>([
    ['http://x/', both, 'http://a:1'],
    ['https://x/', both, 'http://b:2'],
    ['http://x/', { ALL_PROXY: 'http://c:3' }, 'http://c:3'],
    ['http://x/', { HTTP_PROXY: 'http://d:4' }, 'http://d:4'],
    ['http://x/', { HTTP_PROXY: 'http://d:4', REQUEST_METHOD: 'GET' }, null],
    ['http://x/', {}, null],
    ['http://x/', { ...both, no_proxy: '*' }, null],
    ['http://example.com/', { ...both, no_proxy: 'other, example.com' }, null],
    ['http://a.example.com/', { ...both, no_proxy: 'example.com' }, null],
    ['http://a.example.com/', { ...both, no_proxy: '.example.com' }, null],
    ['http://badexample.com/', { ...both, no_proxy: 'example.com' }, 'http://a:1'],
    ['http://example.com/', { ...both, no_proxy: 'example.com:81' }, 'http://a:1'],
    ['http://example.com:81/', { ...both, no_proxy: 'example.com:81' }, null],
    ['https://example.com/', { ...both, no_proxy: 'example.com:443' }, null],
    ['http://[::1]/', { ...both, no_proxy: '[::1]' }, null],
  ])('of %s in %o is %s', (url, env, expected) => {
    expect(new EnvironmentProxies(env).for(new URL(url))?.origin ?? null).toBe(expected)
  })
})
