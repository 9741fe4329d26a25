import { run, timeout } from 'polvo'
import { describe, expect, test, vi } from 'vitest'
import type { ClientTrace } from '../../src/index.ts'
import { deadPort, httpServer } from '../support/servers.ts'
import { errorOf, sessionFor } from '../support/spellings.ts'

const NAMES = [
  'onRequestStart',
  'onConnectionQueued',
  'onConnectionCreate',
  'onConnectionCreated',
  'onConnectionReuse',
  'onRequestSent',
  'onRequestRedirect',
  'onRequestRetry',
  'onResponseChunk',
  'onRequestEnd',
  'onRequestError',
] as const

function recorder() {
  const told: string[] = []
  const contexts = new Set<unknown>()
  const trace: Record<string, unknown> = {}
  for (const name of NAMES) {
    trace[name] = (event: { context: unknown; status?: number; bytes?: number; elapsed: number }) => {
      contexts.add(event.context)
      expect(event.elapsed).toBeGreaterThanOrEqual(0)
      told.push([name, event.status ?? event.bytes].filter((one) => one !== undefined).join(' '))
    }
  }
  return { told, contexts, trace: trace as ClientTrace }
}

async function server() {
  return httpServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: '/end' })
    if (request.url === '/never') return
    response.end('hello')
  })
}

describe('trace', () => {
  test('tells what becomes of a request, in order, with a context of its own', async () => {
    const { told, contexts, trace } = recorder()
    const { url } = await server()
    const session = sessionFor({ baseUrl: url, trace })
    await run(async () => {
      await (await session.get('/redirect')).text()
      await (await session.get('/')).text()
    })
    expect(told.filter((one) => !one.startsWith('onResponseChunk'))).toEqual([
      'onRequestStart',
      'onConnectionCreate',
      'onConnectionCreated',
      'onRequestSent',
      'onRequestRedirect 302',
      'onConnectionReuse',
      'onRequestSent',
      'onRequestEnd 200',
      'onRequestStart',
      'onConnectionReuse',
      'onRequestSent',
      'onRequestEnd 200',
    ])
    expect(told.filter((one) => one === 'onResponseChunk 5').length).toBe(3)
    expect(contexts.size).toBe(2)
  })

  test('tells of waiting, failing and trying again', async () => {
    const { told, trace } = recorder()
    const { url } = await server()
    const session = sessionFor({ baseUrl: url, trace, limit: 1 })
    await run(async () => {
      await Promise.all([1, 2].map(async () => (await session.get('/')).text()))
      expect(told).toContain('onConnectionQueued')
      await expect(timeout(30, () => session.get('/never'))).rejects.toThrow('30')
      expect(told.at(-1)).toBe('onRequestError')
    })
    const port = await deadPort()
    await errorOf(() => session.get(`http://127.0.0.1:${port}/`, { retry: { attempts: 2, delay: 0 } }))
    expect(told.slice(-3)).toEqual(['onRequestRetry 0', 'onConnectionCreate', 'onRequestError'])
  })

  test('a hook that throws is a warning, and the request goes on', async () => {
    const { url } = await server()
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const session = sessionFor({
      baseUrl: url,
      trace: {
        onRequestStart() {
          throw new Error('my hook')
        },
      },
    })
    await run(async () => expect(await (await session.get('/')).text()).toBe('hello'))
    expect(warned.mock.calls.join()).toContain("A hook of a ClientSession's trace threw: Error: my hook")
    warned.mockRestore()
  })
})
