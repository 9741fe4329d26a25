import { createHash } from 'node:crypto'
import { run } from 'polvo'
import { describe, expect, test } from 'vitest'
import { challengeOf } from '../../src/client/digest-auth.ts'
import { digestAuth } from '../../src/index.ts'
import { bodyOf, httpServer } from '../support/servers.ts'
import { sessionFor } from '../support/spellings.ts'

const auth = { username: 'Mufasa', password: 'Circle of Life' }

/** A server that checks the proof itself. */
async function guarded(algorithm: string, qop = 'qop="auth, auth-int", ', nonces = ['n1']) {
  const seen: string[] = []
  const hash = (text: string) =>
    createHash(algorithm.startsWith('MD5') ? 'md5' : 'sha256')
      .update(text)
      .digest('hex')
  const server = await httpServer(async (request, response) => {
    const body = await bodyOf(request)
    const given = Object.fromEntries(
      [...(request.headers.authorization ?? '').matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(
        ([, name, quoted, plain]) => [name, quoted ?? plain],
      ),
    )
    const user = hash(`${auth.username}:the "realm":${auth.password}`)
    const secret = algorithm.endsWith('-sess') ? hash(`${user}:${given.nonce}:${given.cnonce}`) : user
    const asked = hash(`${request.method}:${request.url}`)
    const middle = given.qop === undefined ? '' : `:${given.nc}:${given.cnonce}:${given.qop}`
    const isRight = given.response === hash(`${secret}:${given.nonce}${middle}:${asked}`)
    seen.push(given.nc ?? '-')
    if (isRight && given.nonce === nonces[0]) return void response.end(`in ${body}`)
    response.writeHead(401, {
      'www-authenticate': `Basic realm="x", Digest realm="the \\"realm\\"", ${qop}algorithm=${algorithm}, nonce="${nonces[0]}", opaque="o"`,
    })
    response.end('who are you?')
  })
  return { server, seen, nonces }
}

describe('digestAuth', () => {
  test.each(['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess'])(
    'answers a server that asks for %s',
    async (algorithm) => {
      const { server, seen } = await guarded(algorithm)
      const session = sessionFor({ baseUrl: server.url, middlewares: [digestAuth(auth)] })
      await run(async () => {
        expect(await (await session.get('/a?b=c')).text()).toBe('in ')
        expect(await (await session.post('/d', { data: 'body' })).text()).toBe('in body')
      })
      expect(seen).toEqual(['-', '00000001', '00000002'])
      expect(server.accepted).toBe(1)
    },
  )

  test('answers one that knows no qop', async () => {
    const { server } = await guarded('MD5', '')
    const session = sessionFor({ baseUrl: server.url, middlewares: [digestAuth(auth)] })
    await run(async () => expect((await session.get('/')).status).toBe(200))
  })

  test('takes a new nonce when the old one is over', async () => {
    const { server, seen, nonces } = await guarded('MD5')
    const session = sessionFor({ baseUrl: server.url, middlewares: [digestAuth(auth)] })
    await run(async () => {
      await (await session.get('/')).text()
      nonces[0] = 'n2'
      expect((await session.get('/')).status).toBe(200)
    })
    expect(seen).toEqual(['-', '00000001', '00000002', '00000001'])
  })

  test('hands the 401 out where the password is wrong, and where the body is a stream', async () => {
    const { server, seen } = await guarded('MD5')
    const wrong = sessionFor({
      baseUrl: server.url,
      middlewares: [digestAuth({ ...auth, password: 'Hakuna' })],
    })
    const right = sessionFor({ baseUrl: server.url, middlewares: [digestAuth(auth)] })
    await run(async () => {
      expect((await wrong.get('/')).status).toBe(401)
      const data = (async function* () {
        yield 'once'
      })()
      expect((await right.post('/', { data })).status).toBe(401)
    })
    expect(seen).toEqual(['-', '00000001', '-'])
  })

  test('finds its challenge among others, and leaves what it does not know', () => {
    expect(challengeOf('Basic realm="Digest nonce=no", Digest realm=r, nonce="a\\"b"')).toMatchObject({
      realm: 'r',
      nonce: 'a"b',
      algorithm: 'MD5',
    })
    expect(challengeOf('Digest realm="r", nonce="n", algorithm=SHA-3')).toBe(null)
    expect(challengeOf('Digest realm="r", nonce="n", qop="auth-int"')).toBe(null)
    expect(challengeOf('Bearer')).toBe(null)
    expect(() => digestAuth({ username: 'a:b', password: '' })).toThrow('has a colon')
  })
})
