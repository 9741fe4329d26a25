import { call, createTask, run, sleep, type Task, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import type { ClientResponse } from '../../src/index.ts'
import { Line } from '../../src/line.ts'
import { cannedServer, httpServer, rawServer, until } from '../support/servers.ts'
import { bothSpellings, sessionFor } from '../support/spellings.ts'

/** A server whose answers begin at once and end when the client hangs up. */
async function holding() {
  const server = await httpServer((request, response) => response.write(`${request.url}`))
  return server
}

describe('limit', () => {
  bothSpellings(
    'lets five in, and the others wait in the order they came',
    ['5 waiting 5', '0,1,2,3,4', '0,1,2,3,4,5', '0,1,2,3,4,5,6,7,8,9'],
    {
      world: async () => {
        const server = await holding()
        return { server, session: sessionFor({ baseUrl: server.url, limit: 5 }) }
      },
      *generator({ server, session }, print) {
        const responses: ClientResponse[] = []
        const order: number[] = []
        const tasks = Array.from({ length: 10 }, (_, i) =>
          createTask(function* () {
            responses[i] = yield* session.get(`/${i}`)
            order.push(i)
          }),
        )
        yield* call(() => server.untilAsked(5))
        yield* sleep(20)
        print(session.stats().connections, 'waiting', session.stats().waiting)
        print(order.sort().join())
        responses[3]?.close()
        yield* call(() => server.untilAsked(6))
        yield* tasks[5] as Task<void>
        print(order.join())
        for (let i = 6; i < 10; i++) {
          responses[i - 2]?.close()
          yield* tasks[i] as Task<void>
        }
        print(order.join())
        for (const response of responses) response.close()
      },
      async async({ server, session }, print) {
        const responses: ClientResponse[] = []
        const order: number[] = []
        const tasks = Array.from({ length: 10 }, (_, i) =>
          createTask(async () => {
            responses[i] = await session.get(`/${i}`)
            order.push(i)
          }),
        )
        await server.untilAsked(5)
        await sleep(20)
        print(session.stats().connections, 'waiting', session.stats().waiting)
        print(order.sort().join())
        responses[3]?.close()
        await server.untilAsked(6)
        await tasks[5]
        print(order.join())
        for (let i = 6; i < 10; i++) {
          responses[i - 2]?.close()
          await tasks[i]
        }
        print(order.join())
        for (const response of responses) response.close()
      },
    },
  )

  test('gives a place that becomes free to who waits, and not to who comes in that very moment', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/first') response.write('held')
      else response.end(request.url)
    })
    const session = sessionFor({ baseUrl: server.url, limit: 1 })
    await run(function* () {
      const first = yield* session.get('/first')
      const second = createTask(async () => (await session.get('/second')).text())
      yield* sleep(5)
      first.close()
      expect(yield* use(session.get('/third'), (response) => response.text())).toBe('/third')
      expect(yield* second).toBe('/second')
    })
    expect(server.asked).toEqual(['GET /first', 'GET /second', 'GET /third'])
  })

  test('is kept under load, and never exceeded at the server', async () => {
    let most = 0
    const server = await httpServer((request, response) => {
      most = Math.max(most, server.open.size)
      setTimeout(() => response.end(request.url), 1)
    })
    const session = sessionFor({ limit: 7 })
    await run(async () => {
      const tasks = Array.from({ length: 100 }, (_, i) =>
        createTask(async () => (await session.get(`${server.url}/${i}`)).text()),
      )
      for (const [i, task] of tasks.entries()) expect(await task).toBe(`/${i}`)
    })
    expect(most).toBe(7)
    expect(server.accepted).toBe(7)
  })

  test('counts idle connections to other hosts, and gives one up for a host that has none', async () => {
    const [a, b] = [await httpServer((_, r) => r.end('a')), await httpServer((_, r) => r.end('b'))]
    const session = sessionFor({ limit: 1 })
    await run(async () => {
      for (const server of [a, b, a, b]) await (await session.get(server.url)).text()
    })
    expect([a.accepted, b.accepted]).toEqual([2, 2])
    expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
  })

  test('0 is none', async () => {
    const server = await holding()
    const session = sessionFor({ limit: 0 })
    await run(async () => {
      const responses = []
      for (let i = 0; i < 120; i++) responses.push(await session.get(server.url))
      for (const response of responses) response.close()
    })
    expect(server.accepted).toBe(120)
  })
})

describe('limitPerHost', () => {
  test('holds back a host without holding up the others', async () => {
    const [busy, other] = [await holding(), await httpServer((_, response) => response.end('free'))]
    const session = sessionFor({ limitPerHost: 2 })
    await run(async () => {
      const first = await session.get(`${busy.url}/1`)
      const second = await session.get(`${busy.url}/2`)
      createTask(closeLater, second)
      const third = createTask(session.get(`${busy.url}/3`))
      await sleep(5)
      expect(session.stats().waiting).toBe(1)
      expect(await (await session.get(other.url)).text()).toBe('free')
      ;(await third).close()
      first.close()
    })
    expect(busy.accepted).toBe(3)
  })

  test('and limit together: a waiter who may not go does not hold up the one behind', async () => {
    const [a, b] = [await holding(), await httpServer((_, response) => response.end('b'))]
    const session = sessionFor({ limit: 2, limitPerHost: 1 })
    await run(async () => {
      const holds = await session.get(a.url)
      const blocked = createTask(session.get(a.url))
      await sleep(5)
      const held = await session.get(b.url)
      const alsoWaits = createTask(async () => (await session.get(b.url)).text())
      await sleep(5)
      await held.text()
      expect(await alsoWaits).toBe('b')
      holds.close()
      ;(await blocked).close()
    })
  })
})

async function closeLater(response: ClientResponse): Promise<void> {
  await sleep(30)
  response.close()
}

describe('a kept connection', () => {
  test('is replaced when the server has ended it', async () => {
    const server = await httpServer((request, response) => response.end(request.url))
    const session = sessionFor()
    await run(async () => {
      expect(await (await session.get(`${server.url}/1`)).text()).toBe('/1')
      for (const socket of server.open) socket.end()
      await server.untilOpen(0)
      await sleep(20)
      expect(session.stats().connections).toBe(0)
      expect(await (await session.get(`${server.url}/2`)).text()).toBe('/2')
    })
    expect(server.accepted).toBe(2)
  })

  test.each(['end', 'resetAndDestroy'] as const)(
    'is replaced when the server has ended it (%s) in this very moment',
    async (end) => {
      const server = await httpServer((request, response) => response.end(request.url))
      const session = sessionFor()
      await run(async () => {
        expect(await (await session.get(`${server.url}/1`)).text()).toBe('/1')
        await sleep(5)
        for (const socket of server.open) socket[end]()
        expect(await (await session.post(`${server.url}/2`, { data: 'x' })).text()).toBe('/2')
      })
      expect(server.accepted).toBe(2)
    },
  )

  test('is not kept where the server says so', async () => {
    const server = await httpServer((_, response) => response.setHeader('connection', 'close').end('x'))
    const session = sessionFor()
    await run(async () => {
      for (let i = 0; i < 5; i++) expect(await (await session.get(server.url)).text()).toBe('x')
    })
    expect(server.accepted).toBe(5)
    await server.untilOpen(0)
  })

  test('carries nothing over: what a server says unasked is no answer to the next request', async () => {
    let count = 0
    const server = await rawServer((socket) => {
      socket.on('data', () => {
        const body = `answer ${++count}`
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
        if (count === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')
      })
    })
    const session = sessionFor()
    await run(async () => {
      expect(await (await session.get(server.url)).text()).toBe('answer 1')
      expect(await (await session.get(server.url)).text()).toBe('answer 2')
    })
  })

  test('does not keep the process alive, nor does a session that was never closed', async () => {
    const server = await cannedServer('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi')
    const session = sessionFor()
    await run(async () => void (await (await session.get(server.url)).text()))
    // The one that is left is the server's end.
    await until(
      () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length === 1,
    )
  })
})

test('the pool connects to a host that is up again', async () => {
  const server = await rawServer((socket) => socket.destroy())
  const session = sessionFor()
  await run(async () => {
    await expect(session.get(server.url)).rejects.toThrow('GET')
  })
  expect(session.stats().connections).toBe(0)
})

describe('Line', () => {
  class One {
    _ahead: One | null = null
    _behind: One | null = null
    readonly name: string
    constructor(name: string) {
      this.name = name
    }
  }
  const names = (line: Line<One>) => {
    const found: string[] = []
    for (let one = line.first; one !== null; one = one._behind) found.push(one.name)
    return found.join('')
  }

  test('is left from any place, once', () => {
    const line = new Line<One>()
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => new One(name)) as [One, One, One, One]
    for (const one of [a, b, c, d]) line.join(one)
    expect([names(line), line.length]).toEqual(['abcd', 4])
    line.leave(b)
    line.leave(b)
    expect([names(line), line.length]).toEqual(['acd', 3])
    line.leave(a)
    line.leave(d)
    expect(names(line)).toBe('c')
    line.join(a)
    line.leave(c)
    expect(names(line)).toBe('a')
    line.leave(a)
    expect([line.first, line.length]).toEqual([null, 0])
  })
})
