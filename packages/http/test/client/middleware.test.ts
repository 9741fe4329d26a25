import { type Coroutine, createTask, run, sleep, timeout } from 'polvo'
import { describe, expect, test } from 'vitest'
import type { ClientMiddleware, ClientRequest, NextRequest } from '../../src/index.ts'
import { httpServer } from '../support/servers.ts'
import { errorOf, sessionFor } from '../support/spellings.ts'

async function echo() {
  return httpServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: '/end' })
    if (request.headers['x-token'] === undefined && request.url === '/secret') response.writeHead(401)
    response.end(`${request.method} ${request.url} ${request.headers['x-token'] ?? '-'}`)
  })
}

const inAsync: ClientMiddleware = async (request, next) => {
  await sleep(0)
  request.headers.set('x-token', `${request.headers.get('x-token') ?? ''}a`)
  return await next(request)
}

function* inGenerator(
  request: ClientRequest,
  next: NextRequest,
): Coroutine<Awaited<ReturnType<NextRequest>>> {
  yield* sleep(0)
  request.headers.set('x-token', `${request.headers.get('x-token') ?? ''}g`)
  return yield* next(request)
}

describe('middlewares', () => {
  test('stand around each request, in either spelling, the first one outermost', async () => {
    const { url } = await echo()
    const session = sessionFor({ baseUrl: url, middlewares: [inAsync, inGenerator] })
    expect(await run(async () => (await session.get('/x')).text())).toBe('GET /x ag')
    expect(
      await run(function* () {
        const response = yield* session.get('/x')
        return yield* response.text()
      }),
    ).toBe('GET /x ag')
  })

  test('see each redirect as a request of its own', async () => {
    const { url } = await echo()
    const seen: string[] = []
    const session = sessionFor({
      baseUrl: url,
      middlewares: [
        (request, next) => {
          seen.push(`${request.method} ${request.url.pathname}`)
          return next(request)
        },
      ],
    })
    const response = await run(async () => session.get('/redirect'))
    expect(seen).toEqual(['GET /redirect', 'GET /end'])
    expect(response.history.map(({ status }) => status)).toEqual([302])
  })

  test('may change method and URL, and ask again', async () => {
    const { url } = await echo()
    const session = sessionFor({
      baseUrl: url,
      middlewares: [
        async (request, next) => {
          const response = await next(request)
          if (response.status !== 401) return response
          await response.release()
          request.headers.set('x-token', 'yes')
          request.method = 'PUT'
          request.url.search = '?again'
          return await next(request)
        },
      ],
    })
    await run(async () => {
      expect(await (await session.get('/secret')).text()).toBe('PUT /secret?again yes')
      expect(session.stats().connections).toBe(1)
    })
  })

  test('may fail, and be cancelled, and nothing is left', async () => {
    const server = await echo()
    const session = sessionFor({
      baseUrl: server.url,
      middlewares: [
        async (request, next) => {
          if (request.url.pathname === '/fail') throw new Error('no')
          const response = await next(request)
          await sleep(60_000)
          return response
        },
      ],
    })
    await run(async () => {
      await expect(createTask(session.get('/fail'))).rejects.toThrow('no')
      await expect(timeout(50, () => session.get('/slow'))).rejects.toThrow('50')
    })
  })

  test('have to return a response', async () => {
    const { url } = await echo()
    const session = sessionFor({
      baseUrl: url,
      middlewares: [(async () => 5) as unknown as ClientMiddleware],
    })
    expect((await errorOf(() => session.get('/'))).message).toContain('has to return a response of next()')
    expect(() => sessionFor({ middlewares: [5 as unknown as ClientMiddleware] })).toThrow(
      'middlewares takes an array of functions (request, next) => response.',
    )
  })
})
