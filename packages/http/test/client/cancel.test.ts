// Cancelling hangs up at once, in whatever phase the request is, and leaves nothing behind.
import { call, createTask, run, sleep, type Task, TimeoutError, timeout } from 'polvo'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../../core/test/support/random.ts'
import { ClientSession } from '../../src/index.ts'
import { httpServer, rawServer, type TestServer, until } from '../support/servers.ts'
import { bothSpellings, outcomeOf, sessionFor } from '../support/spellings.ts'

/** A server that answers `/echo/…` with its path, and other paths in the way their name says. */
async function phases() {
  const server = await httpServer((request, response) => {
    if (request.url === '/silent') return
    if (request.url === '/half')
      return void response.writeHead(200, { 'content-length': 100_000 }).write('x'.repeat(70_000))
    response.end(request.url)
  })
  const session = sessionFor({ baseUrl: server.url, limit: 1 })
  return { server, session }
}

/** The session still works, and answers are not mixed up. */
async function stillWorks(session: ClientSession, url: string): Promise<boolean> {
  const response = await session.get(`${url}/echo/1`, { timeout: 1000 })
  return (await response.text()) === '/echo/1'
}

describe('cancelling a request', () => {
  const phaseTest = (name: string, path: string, whenThere: (server: TestServer) => Promise<void>) => {
    bothSpellings(name, ['CancelledError', 'connections 0 waiting 0', 'open 0', 'works true'], {
      world: phases,
      *generator({ server, session }, print) {
        const task = createTask(function* () {
          const response = yield* session.get(path)
          return yield* response.text()
        })
        yield* call(() => whenThere(server))
        task.cancel()
        print(yield* outcomeOf(task))
        print('connections', session.stats().connections, 'waiting', session.stats().waiting)
        yield* call(() => server.untilOpen(0))
        print('open', server.open.size)
        print('works', yield* call(() => stillWorks(session, server.url)))
      },
      async async({ server, session }, print) {
        const task = createTask(async () => {
          const response = await session.get(path)
          return await response.text()
        })
        await whenThere(server)
        task.cancel()
        print(await call(outcomeOf, task))
        print('connections', session.stats().connections, 'waiting', session.stats().waiting)
        await server.untilOpen(0)
        print('open', server.open.size)
        print('works', await stillWorks(session, server.url))
      },
    })
  }

  phaseTest('that waits for the head of the response', '/silent', (server) => server.untilAsked(1))
  phaseTest('in the middle of the body', '/half', async (server) => {
    await server.untilAsked(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
  })

  bothSpellings('while it connects', ['CancelledError', 'connections 0', 'open 0'], {
    world: async () => {
      // It accepts and says nothing, so that the TLS handshake is never done.
      const server = await rawServer((socket) => socket.resume())
      return { server, session: sessionFor() }
    },
    *generator({ server, session }, print) {
      const task = createTask(session.get(`https://127.0.0.1:${server.port}/`))
      yield* call(() => server.untilOpen(1))
      task.cancel()
      print(yield* outcomeOf(task))
      print('connections', session.stats().connections)
      yield* call(() => server.untilOpen(0))
      print('open', server.open.size)
    },
    async async({ server, session }, print) {
      const task = createTask(session.get(`https://127.0.0.1:${server.port}/`))
      await server.untilOpen(1)
      task.cancel()
      print(await call(outcomeOf, task))
      print('connections', session.stats().connections)
      await server.untilOpen(0)
      print('open', server.open.size)
    },
  })

  bothSpellings(
    'in line leaves the line, and loses nothing',
    ['CancelledError', 'waiting 1', '/echo/last', 'true'],
    {
      world: phases,
      *generator({ server, session }, print) {
        const holding = yield* session.get('/half')
        const [second, third] = ['/echo/second', '/echo/last'].map((path) =>
          createTask(async () => (await session.get(path)).text()),
        ) as [Task<string>, Task<string>]
        yield* sleep(5)
        second.cancel()
        print(yield* outcomeOf(second))
        print('waiting', session.stats().waiting)
        holding.close()
        print(yield* third)
        print(server.asked.every((asked) => asked !== 'GET /echo/second'))
      },
      async async({ server, session }, print) {
        const holding = await session.get('/half')
        const [second, third] = ['/echo/second', '/echo/last'].map((path) =>
          createTask(async () => (await session.get(path)).text()),
        ) as [Task<string>, Task<string>]
        await sleep(5)
        second.cancel()
        print(await call(outcomeOf, second))
        print('waiting', session.stats().waiting)
        holding.close()
        print(await third)
        print(server.asked.every((asked) => asked !== 'GET /echo/second'))
      },
    },
  )

  test('in the very pass in which its answer has come closes the response', async () => {
    const { server, session } = await phases()
    await run(async () => {
      for (let i = 0; i < 30; i++) {
        const task = createTask(session.get('/half'))
        await server.untilAsked(i + 1)
        for (let turns = 0; turns < i; turns++) await new Promise(setImmediate)
        task.cancel()
        const outcome = await call(outcomeOf, task)
        if (!(outcome instanceof Error)) (outcome as AsyncDisposable)[Symbol.asyncDispose]()
        expect(session.stats()).toEqual({ connections: 0, idle: 0, waiting: 0 })
      }
    })
    await server.untilOpen(0)
  })

  test('on a kept connection, before anything was sent, does not hand it on dirty', async () => {
    const { server, session } = await phases()
    await run(async () => {
      for (let i = 0; i < 5; i++) {
        expect(await stillWorks(session, server.url)).toBe(true)
        const task = createTask(session.get('/silent'))
        await sleep(0)
        await sleep(0)
        task.cancel()
        await call(outcomeOf, task)
      }
      expect(await stillWorks(session, server.url)).toBe(true)
    })
  })

  test('by a timeout around it', async () => {
    const { server, session } = await phases()
    await run(async () => {
      await expect(timeout(30, async () => (await session.get('/silent')).text())).rejects.toThrow(
        TimeoutError,
      )
      expect(session.stats().connections).toBe(0)
      expect(await stillWorks(session, server.url)).toBe(true)
    })
  })

  test('of which the body is being read in chunks', async () => {
    const { server, session } = await phases()
    await run(async () => {
      let size = 0
      const task = createTask(async () => {
        const response = await session.get('/half')
        for await (const chunk of response) size += chunk.length
      })
      await until(() => size === 70_000)
      task.cancel()
      await expect(task).rejects.toThrow()
      expect(session.stats().connections).toBe(0)
    })
    await server.untilOpen(0)
  })
})

describe.each([1, 2, 3])('200 requests of which a third is cancelled at random moments (seed %i)', (seed) => {
  test('leave nothing behind, and the others get their own answers', async () => {
    const chance = seeded(seed)
    const server = await httpServer(async (request, response) => {
      const wait = () => new Promise((resolve) => setTimeout(resolve, chance() * 8))
      await wait()
      response.write(`${request.url}|`)
      await wait()
      response.end('z'.repeat(Math.floor(chance() * 100_000)))
    })
    const before = process.getActiveResourcesInfo().sort()
    const session = new ClientSession({ baseUrl: server.url, limit: 20 })
    let answered = 0
    await run(async () => {
      const tasks = Array.from({ length: 200 }, (_, i) => {
        const isDoomed = i % 3 === 0
        const task = createTask(async () => {
          const body = await (await session.get(`/${i}`)).text()
          expect(body.startsWith(`/${i}|`)).toBe(true)
          answered++
        })
        if (isDoomed) createTask(cancelAfter, task, chance() * 120)
        return task
      })
      for (const task of tasks) await call(outcomeOf, task)
      expect(session.stats().waiting).toBe(0)
      expect(session.stats().connections).toBe(session.stats().idle)
      expect(session.stats().idle).toBeLessThanOrEqual(20)
      for (const [i, task] of tasks.entries()) if (i % 3 !== 0) task.result()
    })
    expect(answered).toBeGreaterThanOrEqual(133)
    await server.untilOpen(session.stats().idle)
    await session.close()
    await server.untilOpen(0)
    await until(
      () => process.getActiveResourcesInfo().length <= before.length,
      () => `there are ${process.getActiveResourcesInfo()} and there were ${before}`,
    )
  })
})

async function cancelAfter(task: Task<unknown>, ms: number): Promise<void> {
  await sleep(ms)
  task.cancel()
}
