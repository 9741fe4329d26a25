// Needs the garbage collector at hand.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTask, type ExceptionContext, getRunningLoop, run, sleep } from 'polvo'
import { expect, test, vi } from 'vitest'
import type { ClientSession } from '../../src/index.ts'
import { httpServer, until } from '../support/servers.ts'
import { sessionFor } from '../support/spellings.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function collectUntil(isSo: () => boolean): Promise<void> {
  await until(() => {
    collectGarbage()
    return isSo()
  })
}

function listen(): string[] {
  const reports: string[] = []
  getRunningLoop().setExceptionHandler((_, { message }: ExceptionContext) => reports.push(message))
  return reports
}

async function forget(session: ClientSession, path: string): Promise<number> {
  return (await session.get(path)).status
}

test('a response that is forgotten unread is closed and reported', async () => {
  const server = await httpServer((_, response) => response.write('to be continued'))
  const session = sessionFor({ baseUrl: server.url })
  await run(async () => {
    const reports = listen()
    await createTask(forget, session, '/x')
    await sleep(5)
    await collectUntil(() => reports.length > 0)
    expect(reports).toEqual([
      `Unclosed response: GET ${server.url}/x was answered with 200, then neither read to its end nor closed. ` +
        "Open it with use() or 'await using'.",
    ])
    expect(session.stats().connections).toBe(0)
  })
  await server.untilOpen(0)
})

test('outside any run it is reported as well', async () => {
  const server = await httpServer((_, response) => response.write('to be continued'))
  const session = sessionFor({ baseUrl: server.url })
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  await forget(session, '/plain')
  await collectUntil(() => printed.mock.calls.length > 0)
  expect(printed.mock.calls.join()).toContain(`Unclosed response: GET ${server.url}/plain`)
  printed.mockRestore()
})

test('a response that has arrived whole holds nothing, and may be forgotten', async () => {
  const server = await httpServer((_, response) => response.end('all of it'))
  const session = sessionFor({ baseUrl: server.url })
  await run(async () => {
    const reports = listen()
    for (let i = 0; i < 20; i++) await createTask(forget, session, '/x')
    for (let i = 0; i < 10; i++) {
      collectGarbage()
      await sleep(1)
    }
    expect(reports).toEqual([])
    expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
  })
})

test('a response that is being read is not forgotten, though nobody else holds it', async () => {
  const server = await httpServer((_, response) => {
    response.write('a')
    setTimeout(() => response.end('b'), 100)
  })
  const session = sessionFor({ baseUrl: server.url })
  await run(async () => {
    const reports = listen()
    const readings = [
      createTask(async () => (await session.get('/')).text()),
      createTask(async () => (await session.get('/')).bytes()),
      createTask(function* () {
        const response = yield* session.get('/')
        return yield* response.text()
      }),
    ]
    for (let i = 0; i < 20; i++) {
      collectGarbage()
      await sleep(8)
    }
    expect(await readings[0]).toBe('ab')
    expect(await readings[1]).toHaveLength(2)
    expect(await readings[2]).toBe('ab')
    expect(reports).toEqual([])
  })
})

async function forgetSession(url: string): Promise<void> {
  const { ClientSession: Session } = await import('../../src/index.ts')
  await (await new Session().get(url)).text()
}

test('a session that is forgotten with connections open is closed, with a warning', async () => {
  const server = await httpServer((_, response) => response.end('hi'))
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  await run(async () => createTask(forgetSession, server.url))
  expect(server.open.size).toBe(1)
  await collectUntil(() => warned.mock.calls.length > 0)
  expect(warned.mock.calls.join()).toContain(
    "Unclosed session: it was collected with 1 connections and 0 websockets open. Close it, or open it with 'await using'.",
  )
  warned.mockRestore()
  await server.untilOpen(0)
})
