// Which handler a request comes to, and with which parameters.
import { describe, expect, expectTypeOf, test } from 'vitest'
import { Application, type HttpRequest, type PathParams } from '../../src/index.ts'
import { appWith, ask, RawClient, serving } from './support/serving.ts'

const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e'

describe('parameters of a path', () => {
  const app = () =>
    appWith((app) => {
      app.get('/int/:id<int>', ({ params }) => ({ id: params.id, next: params.id + 1 }))
      app.get('/float/:x<float>', ({ params }) => ({ x: params.x }))
      app.get('/uuid/:id<uuid>', ({ params }) => ({ id: params.id }))
      app.get('/alpha/:word<alpha>', ({ params }) => ({ word: params.word }))
      app.get('/slug/:slug<slug>', ({ params }) => ({ slug: params.slug }))
      app.get('/date/:day<date>', ({ params }) => ({ day: params.day }))
      app.get('/path/:rest<path>', ({ params }) => ({ rest: params.rest }))
      app.get('/lang/:lang([a-z]{2})', ({ params }) => ({ lang: params.lang }))
      app.get('/text/:name', ({ params }) => ({ name: params.name }))
      app.get('/two/:from<int>-:to<int>', ({ params }) => ({ sum: params.from + params.to }))
      app.get('/ext/:name.:ext', ({ params }) => params)
    })

  test.each([
    ['/int/7', { id: 7, next: 8 }],
    ['/int/-7', { id: -7, next: -6 }],
    ['/float/1.5', { x: 1.5 }],
    ['/float/2', { x: 2 }],
    [`/uuid/${UUID}`, { id: UUID }],
    ['/alpha/abc', { word: 'abc' }],
    ['/slug/a-b-1', { slug: 'a-b-1' }],
    ['/date/2024-02-29', { day: '2024-02-29' }],
    ['/path/a/b/c.txt', { rest: 'a/b/c.txt' }],
    ['/path/', { rest: '' }],
    ['/lang/de', { lang: 'de' }],
    ['/text/a%20b%2Fc', { name: 'a b/c' }],
    ['/text/%C3%A4?x=1', { name: 'ä' }],
    ['/two/1-2', { sum: 3 }],
    ['/ext/report.pdf', { name: 'report', ext: 'pdf' }],
  ])('%s fits, and is of its type', async (path, expected) => {
    await serving(app(), async ({ url }) => {
      expect(await ask(url + path)).toEqual([200, JSON.stringify(expected)])
    })
  })

  test.each([
    '/int/x',
    '/int/1.5',
    '/int/',
    '/float/1e5',
    '/uuid/7',
    '/alpha/a1',
    '/date/2024-13-01',
    '/lang/deu',
    '/text/',
  ])('%s does not fit, and is a 404', async (path) => {
    await serving(app(), async ({ url }) => {
      expect((await ask(url + path))[0]).toBe(404)
    })
  })

  test('are typed by the path', () => {
    expectTypeOf<PathParams<'/users/:id<int>/files/:rest<path>'>>().toEqualTypeOf<{
      readonly id: number
      readonly rest: string
    }>()
    expectTypeOf<PathParams<'/:lang([a-z]+)/:name'>>().toEqualTypeOf<{
      readonly lang: string
      readonly name: string
    }>()
    expectTypeOf<PathParams<'/:from<int>-:to<float>'>>().toEqualTypeOf<{
      readonly from: number
      readonly to: number
    }>()
  })
})

test('paths of one shape are told apart by the types of their parameters, whatever the order', async () => {
  const app = appWith((app) => {
    app.get('/items/:name', ({ params }) => `text ${params.name}`)
    app.get('/items/:id<int>', ({ params }) => `number ${params.id}`)
    app.get('/items/:key<uuid>', ({ params }) => `uuid ${params.key}`)
    app.get('/items/all', () => 'all')
  })
  await serving(app, async ({ url }) => {
    expect(await ask(`${url}/items/12`)).toEqual([200, 'number 12'])
    expect(await ask(`${url}/items/${UUID}`)).toEqual([200, `uuid ${UUID}`])
    expect(await ask(`${url}/items/twelve`)).toEqual([200, 'text twelve'])
    expect(await ask(`${url}/items/all`)).toEqual([200, 'all'])
  })
})

test('each method has its handler, and a route may have several methods', async () => {
  const app = appWith((app) => {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) app[method]('/', () => method)
    app.route(['LINK', 'UNLINK'], '/', ({ method }) => method)
  })
  await serving(app, async ({ url }) => {
    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      expect(await ask(url, { method: method.toUpperCase() })).toEqual([200, method])
    }
    expect(await ask(url, { method: 'UNLINK' })).toEqual([200, 'UNLINK'])
  })
})

test('a view answers by its methods, with itself as this', async () => {
  class Counter {
    count = 0
    get() {
      return String(this.count)
    }
    *post(request: HttpRequest<{ readonly by: number }>) {
      yield* request.bytes()
      this.count += request.params.by
      return String(this.count)
    }
  }
  const app = appWith((app) => app.view('/count/:by<int>', new Counter()))
  await serving(app, async ({ url }) => {
    expect(await ask(`${url}/count/2`, { method: 'POST' })).toEqual([200, '2'])
    expect(await ask(`${url}/count/2`)).toEqual([200, '2'])
    expect((await fetch(`${url}/count/2`, { method: 'PUT' })).headers.get('allow')).toBe(
      'GET, HEAD, OPTIONS, POST',
    )
  })
  expect(() => new Application().view('/', {})).toThrow('none of the methods')
})

test('HEAD is answered by the route for GET, without a body', async () => {
  await serving(
    appWith((app) => app.get('/', () => 'twelve chars')),
    async (served) => {
      const client = (await RawClient.to(served)).send(
        'HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      )
      const received = await client.untilClosed()
      expect(received).toContain('200 OK')
      expect(received).toContain('content-length: 12')
      expect(received.endsWith('\r\n\r\n')).toBe(true)
    },
  )
})

test('HEAD and OPTIONS may have routes of their own', async () => {
  const app = appWith((app) => {
    app.get('/', () => 'got')
    app.head('/', ({ method }) => ({ method }))
    app.options('/', () => 'options')
  })
  await serving(app, async ({ url }) => {
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-type')).toContain('json')
    expect(await ask(url, { method: 'OPTIONS' })).toEqual([200, 'options'])
  })
})

test('a method without a route is a 405 that lists those there are, and OPTIONS lists them too', async () => {
  const app = appWith((app) => {
    app.get('/', () => 'got')
    app.post('/', () => 'posted')
  })
  await serving(app, async ({ url }) => {
    const refused = await fetch(url, { method: 'DELETE' })
    expect(refused.status).toBe(405)
    expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    const asked = await fetch(url, { method: 'OPTIONS' })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
  })
})

test('OPTIONS * is answered', async () => {
  await serving(
    appWith((app) => app.get('/', () => '')),
    async (served) => {
      const client = (await RawClient.to(served)).send(
        'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      )
      expect(await client.untilClosed()).toContain('204 No Content')
    },
  )
})

test('a path with an escape that means nothing is a 400', async () => {
  await serving(
    appWith((app) => app.get('/:name', () => '')),
    async (served) => {
      const client = (await RawClient.to(served)).get('/%zz', 'connection: close')
      expect(await client.untilClosed()).toContain('400 Bad Request')
    },
  )
})

describe('a slash at the end', () => {
  const build = (trailingSlash?: 'strict' | 'redirect' | 'ignore') =>
    appWith(
      (app) => {
        app.get('/users', ({ path }) => `users at ${path}`)
        app.get('/dir/', () => 'dir')
        app.get('/x/:name', ({ params }) => params.name)
      },
      { trailingSlash },
    )

  test('counts, unless the application says otherwise', async () => {
    await serving(build(), async ({ url }) => {
      expect((await ask(`${url}/users/`))[0]).toBe(404)
      expect((await ask(`${url}/dir`))[0]).toBe(404)
    })
  })

  test("is redirected with 'redirect', the query kept, and never to another host", async () => {
    await serving(build('redirect'), async ({ url }) => {
      const response = await fetch(`${url}/users/?a=1`, { redirect: 'manual' })
      expect([response.status, response.headers.get('location')]).toEqual([308, '/users?a=1'])
      expect((await fetch(`${url}/dir`, { redirect: 'manual' })).headers.get('location')).toBe('/dir/')
      const evil = await fetch(`${url}//evil.example/`, { redirect: 'manual' })
      expect(evil.headers.get('location') ?? '').not.toMatch(/^\/\//)
    })
  })

  test("makes no difference with 'ignore'", async () => {
    await serving(build('ignore'), async ({ url }) => {
      expect(await ask(`${url}/users/`)).toEqual([200, 'users at /users/'])
      expect(await ask(`${url}/dir`)).toEqual([200, 'dir'])
      expect(await ask(`${url}/x/bob/`)).toEqual([200, 'bob'])
    })
  })
})

describe('urlFor', () => {
  const build = () => {
    const admin = new Application({ name: 'admin' })
    admin.get('/users/:id<int>', () => '', { name: 'user' })
    const app = new Application()
    app.get('/files/:rest<path>', () => '', { name: 'file' })
    app.get('/', () => '', { name: 'home' })
    return app.mount('/admin', admin)
  }

  test('makes paths of names, parameters and a query, escaped', () => {
    const app = build()
    expect(app.urlFor('home')).toBe('/')
    expect(app.urlFor('file', { rest: 'a b/ü' })).toBe('/files/a%20b/%C3%BC')
    expect(app.urlFor('admin.user', { id: 7 }, { tab: 'a&b' })).toBe('/admin/users/7?tab=a%26b')
  })

  test('refuses names, parameters and values that cannot be', () => {
    const app = build()
    expect(() => app.urlFor('nowhere')).toThrow(/There is no route "nowhere".*home/)
    expect(() => app.urlFor('admin.user')).toThrow('takes a whole number, and was given nothing')
    expect(() => app.urlFor('admin.user', { id: 'x' })).toThrow('was given "x"')
    expect(() => app.urlFor('home', { id: 1 })).toThrow('has no parameter id')
  })
})

describe('what cannot be a route is refused when it is added', () => {
  test.each([
    ['users', 'begins with a slash'],
    ['/:', 'begins a parameter'],
    ['/:id<number>', 'is of the type number'],
    ['/:rest<path>/more', 'comes last'],
    ['/:a/:a', 'twice'],
    ['/*', ':name<path>'],
    ['/:id([)', 'regular expression'],
    ['/:id((a)', 'parenthesis'],
  ])('%s', (path, message) => {
    expect(() => new Application().get(path, () => '')).toThrow(message)
  })

  test('a handler that is no function, a method in small letters, options that cannot be', () => {
    const app = new Application()
    expect(() => app.get('/', 'hello' as never)).toThrow('takes a function')
    expect(() => app.route('get', '/', () => '')).toThrow('in capitals')
    expect(() => app.get('/', () => '', { onDisconnect: 'ignore' as never })).toThrow("'cancel' or 'finish'")
    expect(() => app.get('/', () => '', { handlerTimeout: -1 })).toThrow('handlerTimeout')
  })

  test('two routes of one method and path, when it is served', async () => {
    const app = appWith((app) => app.get('/a/:x', () => '').get('/a/:y', () => ''))
    await expect(serving(app, async () => {})).rejects.toThrow('is there twice')
  })

  test('a regular expression that may take exponential time, when it is served', async () => {
    const app = appWith((app) => app.get('/:x((?:a+)+)', () => ''))
    await expect(serving(app, async () => {})).rejects.toThrow('not safe')
  })

  test('a route that comes when the application runs', async () => {
    const app = appWith((app) => app.get('/', () => ''))
    await serving(app, async () => {
      expect(() => app.get('/late', () => '')).toThrow('comes too late')
    })
  })
})
