// Trying again: once by itself on a kept connection that died, and as often as `retry` says.
import { once } from 'node:events'
import net from 'node:net'
import { createTask, run, sleep, timeout } from 'polvo'
import { describe, expect, test } from 'vitest'
import { retryAfter } from '../../src/client/retries.ts'
import type { RequestOptions, RetryOption } from '../../src/index.ts'
import { afterTest, deadPort, httpServer, rawServer } from '../support/servers.ts'
import { errorOf, sessionFor } from '../support/spellings.ts'

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** A server that answers the first request of a connection, and hangs up in place of a second answer. */
async function onceOnly() {
  const requests: string[] = []
  const server = await rawServer((socket) => {
    let count = 0
    socket.on('data', (chunk) => {
      requests.push(String(chunk).split(' ')[0] as string)
      if (++count === 1) socket.write(ANSWER)
      else socket.destroy()
    })
  })
  return { server, requests }
}

describe('a kept connection that dies under a request', () => {
  test.each<[string, RequestOptions]>([
    ['GET', {}],
    ['HEAD', {}],
    ['PUT', { data: 'again' }],
    ['DELETE', {}],
    ['OPTIONS', {}],
    ['PUT', { data: new FormData() }],
  ])('is replaced, and the %s sent once more', async (method, options) => {
    const { server, requests } = await onceOnly()
    const session = sessionFor({ baseUrl: server.url })
    await run(async () => {
      await (await session.get('/')).text()
      const response = await session.request(method, '/', options)
      expect(response.status).toBe(200)
      response.close()
    })
    expect(server.accepted).toBe(2)
    expect(requests.filter((one) => one === method).length).toBeGreaterThanOrEqual(2)
  })

  test.each<[string, RequestOptions]>([
    ['POST', { data: 'x' }],
    ['PATCH', { data: 'x' }],
    [
      'PUT',
      {
        data: (async function* () {
          yield 'x'
        })(),
      },
    ],
  ])('is not replaced for a %s that may not be repeated', async (method, options) => {
    const { server } = await onceOnly()
    const session = sessionFor({ baseUrl: server.url })
    const error = await errorOf(async () => {
      await (await session.get('/')).text()
      await session.request(method, '/', options)
    })
    expect(error.name).toBe('ServerDisconnected')
    expect(server.accepted).toBe(1)
  })

  test('is replaced once: a server that always hangs up is an error', async () => {
    let count = 0
    const server = await rawServer((socket) => {
      socket.on('data', () => (++count === 1 ? socket.write(ANSWER) : socket.destroy()))
    })
    const session = sessionFor({ baseUrl: server.url })
    const error = await errorOf(async () => {
      await (await session.get('/')).text()
      await session.get('/')
    })
    expect(error.name).toBe('ServerDisconnected')
    expect(count).toBe(3)
    expect(session.stats().connections).toBe(0)
  })

  test('takes the other idle ones with it, which are as old', async () => {
    const { server } = await onceOnly()
    const session = sessionFor({ baseUrl: server.url })
    await run(async () => {
      await Promise.all([1, 2, 3, 4].map(async () => (await session.get('/')).text()))
      expect(session.stats().idle).toBe(4)
      expect(await (await session.get('/')).text()).toBe('ok')
      expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
    })
  })

  test('is not replaced once a part of the answer has come', async () => {
    let count = 0
    const server = await rawServer((socket) => {
      socket.on('data', () => {
        if (++count === 1) socket.write(ANSWER)
        else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
      })
    })
    const session = sessionFor({ baseUrl: server.url })
    const error = await errorOf(async () => {
      await (await session.get('/')).text()
      await (await session.get('/')).text()
    })
    expect(error.name).toBe('ClientPayloadError')
    expect(count).toBe(2)
  })
})

/** A server that answers with these statuses, one after the other, and then 200. */
async function failing(statuses: readonly number[], headers: Record<string, string> = {}) {
  let count = 0
  const server = await httpServer((_, response) => {
    response.writeHead(statuses[count++] ?? 200, headers).end(String(count))
  })
  return server
}

const soon = (attempts: number): RetryOption => ({ attempts, delay: 1 })

describe('retry', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('tries again after %i', async (status) => {
    const server = await failing([status, status])
    const session = sessionFor({ baseUrl: server.url, retry: soon(3) })
    await run(async () => expect(await (await session.get('/')).text()).toBe('3'))
    expect(server.accepted).toBe(1)
  })

  test('hands out the last answer, whatever it is', async () => {
    const server = await failing([503, 503, 503])
    const session = sessionFor({ baseUrl: server.url })
    await run(async () => {
      const response = await session.get('/', { retry: soon(2) })
      expect([response.status, await response.text()]).toEqual([503, '2'])
      await expect(session.get('/', { retry: soon(1), raiseForStatus: true })).rejects.toThrow('503')
    })
    expect(server.asked.length).toBe(3)
  })

  test.each<[string, RequestOptions]>([
    ['POST', {}],
    ['GET', { retry: { attempts: 3, statuses: [500], delay: 1 } }],
    [
      'PUT',
      {
        data: (function* () {
          yield 'once'
        })(),
      },
    ],
    ['GET', { retry: null }],
  ])('leaves a %s alone that it is not for', async (method, options) => {
    const server = await failing([503])
    const session = sessionFor({ baseUrl: server.url, retry: soon(3) })
    await run(async () => {
      const response = await session.request(method, '/', options)
      expect(response.status).toBe(503)
      await response.release()
    })
    expect(server.asked.length).toBe(1)
  })

  test('takes other methods when it is told', async () => {
    const server = await failing([503])
    const session = sessionFor({ baseUrl: server.url })
    const retry = { methods: ['POST'], delay: 1 }
    await run(async () => expect((await session.post('/', { data: 'x', retry })).status).toBe(200))
  })

  test('tries again when nobody is there, and gives the last error', async () => {
    const port = await deadPort()
    const session = sessionFor({ retry: soon(3) })
    let attempts = 0
    const traced = sessionFor({ retry: soon(3), trace: { onConnectionCreate: () => void attempts++ } })
    const error = await errorOf(() => traced.get(`http://127.0.0.1:${port}/`))
    expect([error.name, attempts]).toEqual(['ClientConnectorError', 3])
    const server = net.createServer((socket) => socket.once('data', () => socket.end(ANSWER)))
    afterTest(() => server.close())
    await run(async () => {
      const waiting = createTask(
        session.get(`http://127.0.0.1:${port}/`, { retry: { attempts: 50, delay: 20 } }),
      )
      await sleep(20)
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      expect((await timeout(3000, () => waiting)).status).toBe(200)
    })
  })

  test('waits as long as the server asks for, but not longer than it may', async () => {
    const server = await failing([503], { 'retry-after': '1' })
    const session = sessionFor({ baseUrl: server.url })
    await run(async () => {
      const begun = performance.now()
      const response = await session.get('/', { retry: { maxDelay: 500 } })
      expect(response.status).toBe(503)
      await response.release()
      expect(performance.now() - begun).toBeLessThan(500)
    })
    const other = await failing([429], { 'retry-after': '1' })
    await run(async () => {
      const begun = performance.now()
      expect((await session.get(`${other.url}/`, { retry: 2 })).status).toBe(200)
      expect(performance.now() - begun).toBeGreaterThan(990)
    })
  })

  test('does not wait beyond the time of the request', async () => {
    const server = await failing([503], { 'retry-after': '5' })
    const session = sessionFor({ baseUrl: server.url, timeout: 1000, retry: 3 })
    await run(async () => {
      const response = await timeout(900, () => session.get('/'))
      expect(response.status).toBe(503)
    })
  })

  test('is cancelled while it waits', async () => {
    const server = await failing([503, 503])
    const session = sessionFor({
      baseUrl: server.url,
      retry: { attempts: 3, delay: 60_000, maxDelay: 60_000 },
    })
    await run(async () => {
      await expect(timeout(50, () => session.get('/'))).rejects.toThrow('50')
      expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
    })
  })

  test.each<[RetryOption, string]>([
    [0, 'retry.attempts takes 1 or more, and was given 0.'],
    [{ delay: -1 }, 'retry.delay takes 0 or more, and was given -1.'],
    ['3' as unknown as number, 'retry takes a number of attempts, options or null, and was given string.'],
  ])('refuses %o', async (retry, message) => {
    expect((await errorOf(() => sessionFor().get('http://host/', { retry }))).message).toBe(message)
  })

  test('reads Retry-After in seconds and as a date', () => {
    expect(retryAfter('3')).toBe(3000)
    expect(retryAfter(new Date(Date.now() + 10_000).toUTCString())).toBeGreaterThan(8000)
    expect(retryAfter('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0)
    expect(retryAfter('soon')).toBe(null)
    expect(retryAfter(null)).toBe(null)
  })
})
