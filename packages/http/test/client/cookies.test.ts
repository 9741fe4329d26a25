import { run, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { CookieJar, type CookieStore } from '../../src/index.ts'
import { httpServer } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

/** A server that sets the cookies its query says, and answers with those it was sent. */
async function cookieServer() {
  const server = await httpServer((request, response) => {
    const url = new URL(request.url as string, 'http://host')
    const set = url.searchParams.getAll('set')
    if (set.length > 0) response.setHeader('set-cookie', set)
    const location = url.searchParams.get('to')
    if (location !== null) response.writeHead(302, { location })
    response.end(request.headers.cookie ?? '')
  })
  return { server, named: server.url.replace('127.0.0.1', 'localhost') }
}

const set = (...cookies: string[]) => `?${cookies.map((one) => `set=${encodeURIComponent(one)}`).join('&')}`

describe('a session', () => {
  bothSpellings(
    'sends the cookies back that a server set, to the paths they are for',
    ['', 'a=1; b=2', 'a=1; b=2; deep=3', 'b=2'],
    {
      world: async () => sessionFor({ baseUrl: (await cookieServer()).named }),
      *generator(session, print) {
        const ask = (path: string) => use(session.get(path), (response) => response.text())
        print(yield* ask(`/${set('a=1', 'b=2; Path=/', 'deep=3; Path=/deep')}`))
        print(yield* ask('/'))
        const sorted = (yield* ask('/deep')).split('; ').sort().join('; ')
        print(sorted)
        yield* ask(`/${set('a=; Max-Age=0')}`)
        print(yield* ask('/'))
      },
      async async(session, print) {
        const ask = async (path: string) => (await session.get(path)).text()
        print(await ask(`/${set('a=1', 'b=2; Path=/', 'deep=3; Path=/deep')}`))
        print(await ask('/'))
        const sorted = (await ask('/deep')).split('; ').sort().join('; ')
        print(sorted)
        await ask(`/${set('a=; Max-Age=0')}`)
        print(await ask('/'))
      },
    },
  )

  test('keeps cookies of a redirect, and sends them along', async () => {
    const { named } = await cookieServer()
    const session = sessionFor({ baseUrl: named })
    await run(async () => {
      const response = await session.get(`/in${set('token=x; Path=/')}&to=/out`)
      expect(await response.text()).toBe('token=x')
    })
  })

  test('gives no server the cookies of another', async () => {
    const [one, other] = [await cookieServer(), await cookieServer()]
    const session = sessionFor({ cookieJar: new CookieJar({ unsafe: true }) })
    await run(async () => {
      await (await session.get(`${one.named}/${set('a=1')}`)).text()
      expect(await (await session.get(`${other.server.url}/`)).text()).toBe('')
      expect(await (await session.get(`${one.named}/`)).text()).toBe('a=1')
    })
  })

  test('keeps none of a server that is addressed by number, unless its jar is unsafe', async () => {
    const { server } = await cookieServer()
    await run(async () => {
      for (const [unsafe, expected] of [
        [false, ''],
        [true, 'a=1'],
      ] as const) {
        const session = sessionFor({ baseUrl: server.url, cookieJar: new CookieJar({ unsafe }) })
        await (await session.get(`/${set('a=1')}`)).text()
        expect(await (await session.get('/')).text()).toBe(expected)
      }
    })
  })

  test('keeps none at all with cookieJar: null', async () => {
    const { named } = await cookieServer()
    const session = sessionFor({ baseUrl: named, cookieJar: null })
    await run(async () => {
      await (await session.get(`/${set('a=1')}`)).text()
      expect(await (await session.get('/')).text()).toBe('')
      expect(session.cookieJar).toBe(null)
    })
  })

  test('takes a jar of ones own', async () => {
    const { named } = await cookieServer()
    const seen: string[] = []
    const cookieJar: CookieStore = {
      cookieHeader: ({ pathname }) => `path=${pathname.slice(1)}`,
      setCookie: (cookie) => void seen.push(cookie),
    }
    const session = sessionFor({ baseUrl: named, cookieJar })
    await run(async () => {
      expect(await (await session.get(`/x${set('a=1', 'b=2')}`)).text()).toBe('path=x')
    })
    expect(seen).toEqual(['a=1', 'b=2'])
  })

  test('sends cookies it was given beside those of the jar, the nearest one of a name', async () => {
    const { named } = await cookieServer()
    const session = sessionFor({ baseUrl: named, cookies: { lang: 'en', theme: 'dark' } })
    await run(async () => {
      await (await session.get(`/${set('lang=set', 'id=7')}`)).text()
      const response = await session.get('/', { cookies: { theme: 'light' }, headers: { cookie: 'own=1' } })
      expect((await response.text()).split('; ').sort()).toEqual(['id=7', 'lang=en', 'own=1', 'theme=light'])
    })
  })

  test('takes given cookies to no other origin', async () => {
    const [one, other] = [await cookieServer(), await cookieServer()]
    const session = sessionFor({
      baseUrl: one.named,
      cookies: { secret: '1' },
      auth: { username: 'u', password: 'p' },
    })
    await run(async () => {
      const redirected = await session.get(`/?to=${encodeURIComponent(`${other.named}/`)}`, {
        cookies: { mine: '2' },
      })
      expect(await redirected.text()).toBe('')
      expect(await (await session.get(`${other.named}/`)).text()).toBe('')
      expect(await (await session.get('/')).text()).toBe('secret=1')
    })
  })

  test('refuses a cookie that would be something else', async () => {
    const error = await errorOf(() => sessionFor().get('http://host/', { cookies: { a: '1; b=2' } }))
    expect(error).toMatchObject({ code: 'POLVO_MISUSE' })
    expect(error.message).toContain('A cookie cannot be "a=1; b=2"')
  })
})

describe('a CookieJar', () => {
  test('shows its cookies, is saved and read back, and emptied', async () => {
    const { named } = await cookieServer()
    const jar = new CookieJar()
    const session = sessionFor({ baseUrl: named, cookieJar: jar })
    await run(async () => (await session.get(`/${set('a=1; Path=/p')}`)).text())
    expect([...jar]).toEqual([{ name: 'a', value: '1', domain: 'localhost', path: '/p' }])
    const copy = CookieJar.from(JSON.parse(JSON.stringify(jar)))
    expect(copy.cookieHeader(new URL(`${named}/p`))).toBe('a=1')
    jar.clear()
    expect([...jar]).toEqual([])
    expect(copy.cookieHeader(new URL(`${named}/p`))).toBe('a=1')
    expect(() => CookieJar.from({})).toThrow('takes what toJSON() of a CookieJar gave')
  })

  test('ignores a cookie for somebody else, and one that cannot be', () => {
    const jar = new CookieJar()
    jar.setCookie('a=1; Domain=example.org', new URL('http://example.com/'))
    jar.setCookie('', new URL('http://example.com/'))
    jar.setCookie('b=1; Domain=com', new URL('http://example.com/'))
    expect([...jar]).toEqual([])
  })
})
