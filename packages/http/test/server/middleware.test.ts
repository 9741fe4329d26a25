// What is around handlers: middlewares, error handlers, applications in applications.
import { sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { Application, HttpConflict, HttpError, HttpNotFound, html, StateKey, text } from '../../src/index.ts'
import { appWith, ask, serving } from './support/serving.ts'

describe('middlewares', () => {
  test('are around the handler in the order they were added, in both spellings', async () => {
    const log: string[] = []
    const app = appWith((app) => {
      app.use(function* (_, next) {
        log.push('1 before')
        const response = yield* next()
        log.push('1 after')
        return response
      })
      app.use(async (_, next) => {
        log.push('2 before')
        const response = await next()
        log.push('2 after')
        return response.setHeader('x-two', 'yes')
      })
      app.get(
        '/',
        async () => {
          await sleep(1)
          log.push('handler')
          return { made: 'here' }
        },
        {
          middlewares: [
            (_, next) => {
              log.push('3')
              return next()
            },
          ],
        },
      )
    })
    await serving(app, async ({ url }) => {
      const response = await fetch(url)
      expect([await response.text(), response.headers.get('x-two')]).toEqual(['{"made":"here"}', 'yes'])
      expect(log).toEqual(['1 before', '2 before', '3', 'handler', '2 after', '1 after'])
    })
  })

  test('may answer themselves, and see what a handler throws', async () => {
    const app = appWith((app) => {
      app.use(async (request, next) => {
        if (request.query.has('blocked')) return text('blocked', { status: 403 })
        try {
          return await next()
        } catch (error) {
          return text(`caught ${(error as Error).message}`, { status: 502 })
        }
      })
      app.get('/', () => {
        throw new Error('boom')
      })
    })
    await serving(app, async ({ url, reports }) => {
      expect(await ask(`${url}/?blocked`)).toEqual([403, 'blocked'])
      expect(await ask(url)).toEqual([502, 'caught boom'])
      expect(reports).toEqual([])
    })
  })

  test('are run where there is no route as well', async () => {
    const seen: string[] = []
    const app = appWith((app) => {
      app.use((request, next) => {
        seen.push(`${request.path} ${request.routePath}`)
        return next()
      })
      app.get('/', () => '')
    })
    await serving(app, async ({ url }) => {
      expect((await ask(`${url}/none`))[0]).toBe(404)
      expect(seen).toEqual(['/none '])
    })
  })

  test('are cancelled with the handler', async () => {
    const log: string[] = []
    const app = appWith(
      (app) => {
        app.use(function* (_, next) {
          try {
            return yield* next()
          } finally {
            log.push('clean-up')
          }
        })
        app.get('/', () => sleep(60_000, ''))
      },
      { handlerTimeout: 20 },
    )
    await serving(app, async ({ url }) => {
      expect((await ask(url))[0]).toBe(503)
      expect(log).toEqual(['clean-up'])
    })
  })
})

test('onResponse sees every response, those to errors included', async () => {
  const app = appWith((app) => {
    app.onResponse((request, response) => {
      response.setHeader('x-seen', `${request.path} ${response.status}`)
    })
    app.get('/', () => 'text')
    app.get('/json', () => ({}))
    app.get('/boom', () => {
      throw new Error('boom')
    })
  })
  await serving(app, async ({ url }) => {
    for (const [path, status] of [
      ['/', 200],
      ['/json', 200],
      ['/boom', 500],
      ['/none', 404],
    ]) {
      expect((await fetch(url + path)).headers.get('x-seen')).toBe(`${path} ${status}`)
    }
  })
})

test('a hook of onResponse that fails is a 500 and a report, and the server goes on', async () => {
  const app = appWith((app) => {
    app.onResponse((request) => {
      if (request.path === '/') throw new Error('bad hook')
    })
    app.get('/', () => 'text')
    app.get('/ok', () => 'ok')
  })
  await serving(app, async ({ url, reports }) => {
    expect((await ask(url))[0]).toBe(500)
    expect(reports.join()).toContain('bad hook')
    expect(await ask(`${url}/ok`)).toEqual([200, 'ok'])
  })
})

describe('errors', () => {
  test('of HttpError are responses with their status, header and message', async () => {
    const app = appWith((app) => {
      app.get('/', () => {
        throw new HttpConflict('It is there already.', {
          headers: { 'x-why': 'twin', 'set-cookie': ['a=1', 'b=2'] },
        })
      })
      app.get('/teapot', function* () {
        yield* sleep(1)
        throw new HttpError(418)
      })
    })
    await serving(app, async ({ url, reports }) => {
      const response = await fetch(url)
      expect([response.status, await response.text()]).toEqual([409, '409 It is there already.\n'])
      expect([response.headers.get('x-why'), response.headers.getSetCookie()]).toEqual([
        'twin',
        ['a=1', 'b=2'],
      ])
      expect(await ask(`${url}/teapot`)).toEqual([418, "418 I'm a Teapot\n"])
      expect(reports).toEqual([])
    })
  })

  test('of any other kind are a 500 without a word of theirs, and a report', async () => {
    const app = appWith((app) =>
      app.get('/', () => {
        throw new Error('the password is 1234')
      }),
    )
    await serving(app, async ({ url, reports }) => {
      const [status, body] = await ask(url)
      expect(status).toBe(500)
      expect(body).not.toContain('1234')
      expect(reports.join()).toContain('the password is 1234')
    })
  })

  test('are shown as the client likes it, and escaped', async () => {
    const app = appWith((app) =>
      app.get('/:name', ({ params }) => {
        throw new HttpNotFound(`There is no ${params.name}.`)
      }),
    )
    await serving(app, async ({ url }) => {
      const path = `${url}/${encodeURIComponent(`<script>"x"</script>`)}`
      const asHtml = await fetch(path, { headers: { accept: 'text/html' } })
      const page = await asHtml.text()
      expect(asHtml.headers.get('content-type')).toContain('text/html')
      expect(page).toContain('There is no &lt;script&gt;&quot;x&quot;&lt;/script&gt;.')
      expect(page).not.toContain('<script>')
      const asJson = await fetch(path, { headers: { accept: 'application/json' } })
      expect(await asJson.json()).toEqual({ error: 'There is no <script>"x"</script>.', status: 404 })
      expect(asJson.headers.get('x-content-type-options')).toBe('nosniff')
    })
  })

  test('show where they come from in debug mode, and only then', async () => {
    const build = (debug: boolean) =>
      appWith(
        (app) =>
          app.get('/', () => {
            throw new Error('<boom>')
          }),
        { debug },
      )
    const accept = { headers: { accept: 'text/html' } }
    await serving(build(true), async ({ url }) => {
      expect((await ask(url, accept))[1]).toMatch(/&lt;boom&gt;[\s\S]*middleware\.test\.ts/)
    })
    await serving(build(false), async ({ url }) => {
      expect((await ask(url, accept))[1]).not.toMatch(/boom|middleware\.test/)
    })
  })

  test('are answered by handlers for their status or class, the most special first', async () => {
    class Missing extends Error {}
    class VeryMissing extends Missing {}
    const app = appWith((app) => {
      app.onError(404, (error, request) =>
        html(`<h1>no ${request.path}: ${error.message}</h1>`, { status: 404 }),
      )
      app.onError(Missing, async (error) => {
        await sleep(1)
        return text(`missing ${error.message}`, { status: 410 })
      })
      app.onError(VeryMissing, function* () {
        yield* sleep(1)
        return text('very missing', { status: 410 })
      })
      app.onError(HttpError, (error) => text(`http ${error.status}`, { status: error.status }))
      app.get('/missing', () => {
        throw new Missing('it')
      })
      app.get('/very', () => {
        throw new VeryMissing()
      })
      app.get('/conflict', () => {
        throw new HttpConflict()
      })
    })
    await serving(app, async ({ url, reports }) => {
      expect((await ask(`${url}/none`))[1]).toContain('<h1>no /none')
      expect(await ask(`${url}/missing`)).toEqual([410, 'missing it'])
      expect(await ask(`${url}/very`)).toEqual([410, 'very missing'])
      expect(await ask(`${url}/conflict`)).toEqual([409, 'http 409'])
      expect(await ask(`${url}/conflict`, { method: 'POST' })).toEqual([405, 'http 405'])
      expect(reports).toEqual([])
    })
  })

  test('in a handler of errors are a 500', async () => {
    const app = appWith((app) => {
      app.onError(Error, () => {
        throw new Error('worse')
      })
      app.get('/', () => {
        throw new Error('bad')
      })
    })
    await serving(app, async ({ url, reports }) => {
      expect((await ask(url))[0]).toBe(500)
      expect(reports.join()).toContain('worse')
    })
  })
})

describe('applications in applications', () => {
  const build = () => {
    const setting = new StateKey<string>('setting')
    const own = new StateKey<string>('own')
    const log: string[] = []
    const note = (name: string) => (request: { path: string }, next: () => unknown) => {
      log.push(`${name} ${request.path}`)
      return next()
    }
    const inner = new Application()
    inner.use(note('inner') as never)
    inner.state.set(own, 'inner')
    inner.get('/', ({ app }) => `inner ${app.state.get(setting)} ${app.state.get(own)}`)
    inner.get('/lost', () => {
      throw new HttpNotFound()
    })
    inner.onError(404, () => text('lost inside', { status: 404 }))
    const middle = new Application({ handlerTimeout: 20 }).mount('/inner', inner)
    middle.get('/slow', () => sleep(60_000, ''))
    const outer = new Application()
    outer.use(note('outer') as never)
    outer.state.set(setting, 'shared')
    outer.mount('/v:version<int>', middle)
    outer.get('/', () => 'outer')
    return { outer, inner, log }
  }

  test('have their prefix, middlewares, state and error handlers', async () => {
    const { outer, log } = build()
    await serving(outer, async ({ url }) => {
      expect(await ask(`${url}/v2/inner`)).toEqual([200, 'inner shared inner'])
      expect(log.splice(0)).toEqual(['outer /v2/inner', 'inner /v2/inner'])
      expect(await ask(`${url}/v2/inner/lost`)).toEqual([404, 'lost inside'])
      expect(log.splice(0)).toEqual(['outer /v2/inner/lost', 'inner /v2/inner/lost'])
      expect(await ask(url)).toEqual([200, 'outer'])
      expect(log.splice(0)).toEqual(['outer /'])
      expect((await ask(`${url}/v2/slow`))[0]).toBe(503)
    })
  })

  test('answer for what is not found below their prefix', async () => {
    const inner = new Application()
    inner.onError(404, () => text('not in here', { status: 404 }))
    inner.get('/there', () => 'there')
    const outer = new Application().mount('/inner', inner)
    await serving(outer, async ({ url }) => {
      expect(await ask(`${url}/inner/none`)).toEqual([404, 'not in here'])
      expect((await ask(`${url}/none`))[1]).toContain('There is nothing at /none')
    })
  })

  test('are a part of one only, not of themselves, and are not served alone', async () => {
    const { outer, inner } = build()
    expect(() => new Application().mount('/', inner)).toThrow('mounted already')
    expect(() => outer.mount('/', outer)).toThrow('in itself')
    expect(() => outer.mount('/', {} as never)).toThrow('takes a prefix and an Application')
    await expect(serving(inner, async () => {})).rejects.toThrow('runs with the one it is a part of')
  })
})

describe('state', () => {
  test('has values by typed keys', () => {
    const app = new Application()
    const key = new StateKey<number>('count')
    expect(() => app.state.get(key)).toThrow('<StateKey count> has no value here')
    app.state.set(key, 1)
    expect([app.state.get(key), app.state.has(key)]).toEqual([1, true])
    app.state.delete(key)
    expect(app.state.get(key, 7)).toBe(7)
    expect(() => app.state.set('count' as never, 1)).toThrow('takes a StateKey')
  })

  test('gets what resources give', async () => {
    const key = new StateKey<{ ask(): string } & Disposable>('database')
    const app = new Application()
    app.resource(key, () => ({ ask: () => 'answer', [Symbol.dispose]() {} }))
    app.get('/', ({ app }) => app.state.get(key).ask())
    await serving(app, async ({ url }) => expect(await ask(url)).toEqual([200, 'answer']))
  })
})
