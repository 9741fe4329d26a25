// Through a proxy that injects faults, as networks do.
import { createTask, gather, run, use } from 'polvo'
import { type Fault, faultProxy } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { ClientError, type ClientTimeoutError } from '../../src/index.ts'
import { afterTest, httpServer, until } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

async function through(...faults: Fault[]) {
  const server = await httpServer((request, response) =>
    response.end(`answer to ${request.url}`.padEnd(4000, '.')),
  )
  const proxy = await faultProxy({ target: { port: server.port }, protocol: 'http', seed: 7, faults })
  afterTest(() => proxy.close())
  return { server, proxy, session: sessionFor({ baseUrl: proxy.url }) }
}

describe('a network that', () => {
  bothSpellings(
    'resets the connection is a ServerDisconnected',
    ['ServerDisconnected', 'connections 0', 'answer to /b'],
    {
      world: () => through({ kind: 'blackout', probability: 1 }),
      *generator({ session, proxy }, print) {
        try {
          yield* use(session.get('/a'), (response) => response.text())
        } catch (error) {
          print(error)
        }
        print('connections', session.stats().connections)
        proxy.setFaults([])
        print((yield* use(session.get('/b'), (response) => response.text())).slice(0, 12))
      },
      async async({ session, proxy }, print) {
        try {
          await using response = await session.get('/a')
          await response.text()
        } catch (error) {
          print(error)
        }
        print('connections', session.stats().connections)
        proxy.setFaults([])
        await using response = await session.get('/b')
        print((await response.text()).slice(0, 12))
      },
    },
  )

  test.each([
    ['total', { total: 60 }],
    ['read', { read: 60 }],
  ])('swallows the request is ended by the limit %s', async (limit, timeout) => {
    const { session, proxy } = await through({ kind: 'hang', probability: 1 })
    const began = performance.now()
    const error = await errorOf(() => session.get('/', { timeout }))
    expect(performance.now() - began).toBeLessThan(1000)
    expect((error as unknown as ClientTimeoutError).limit).toBe(limit)
    await until(() => proxy.stats().openConnections === 0)
    expect(session.stats()).toEqual({ connections: 0, idle: 0, waiting: 0 })
  })

  test('swallows the request does not end by the limit connect: the connection is there', async () => {
    const { session } = await through({ kind: 'hang', probability: 1 })
    const error = await errorOf(() => session.get('/', { timeout: { connect: 30, total: 120 } }))
    expect((error as unknown as ClientTimeoutError).limit).toBe('total')
  })

  test('is slow is no matter for the limit read, as long as something comes', async () => {
    const { session } = await through({ kind: 'throttle', probability: 1, bytesPerSecond: 8000 })
    await run(async () => {
      const began = performance.now()
      const response = await session.get('/', { timeout: { read: 400 } })
      expect((await response.text()).length).toBe(4000)
      expect(performance.now() - began).toBeGreaterThan(350)
    })
  })

  test('is too slow for the limit read is ended by it', async () => {
    const { session } = await through({ kind: 'throttle', probability: 1, bytesPerSecond: 2 })
    const error = await errorOf(async () => (await session.get('/', { timeout: { read: 100 } })).text())
    expect((error as unknown as ClientTimeoutError).limit).toBe('read')
  })

  test('answers with an error is one with raiseForStatus', async () => {
    const { session } = await through({ kind: 'error', probability: 1, status: 502 })
    const error = await errorOf(() => session.get('/', { raiseForStatus: true }))
    expect(error).toMatchObject({ name: 'ClientResponseError', status: 502 })
    await run(async () => expect((await session.get('/')).status).toBe(502))
  })

  test('does all of that, now and then, leaves nothing behind and mixes nothing up', async () => {
    const { session, proxy } = await through(
      { kind: 'blackout', probability: 0.15 },
      { kind: 'hang', probability: 0.1 },
      { kind: 'error', probability: 0.15, status: 503 },
      { kind: 'delay', probability: 0.3, ms: [0, 30] },
    )
    await run(async () => {
      const ask = async (path: string) => {
        await using response = await session.get(path, { timeout: 800, raiseForStatus: true })
        const body = await response.text()
        expect(body.startsWith(`answer to ${path}.`)).toBe(true)
        return 'answered'
      }
      const tasks = Array.from({ length: 80 }, (_, i) => createTask(ask, `/${i}`))
      const outcomes = await gather({ returnExceptions: true }, ...tasks)
      for (const outcome of outcomes) if (outcome !== 'answered') expect(outcome).toBeInstanceOf(ClientError)
      expect(outcomes.filter((outcome) => outcome === 'answered').length).toBeGreaterThan(30)
      expect(session.stats().connections).toBe(session.stats().idle)
      await until(() => proxy.stats().openConnections === session.stats().idle)
    })
  })
})
