/**
 * A response that is cut or stalls behind each of its bytes, while the request is cancelled or fails: whatever happens, the
 * next request on the pool of one connection gets its own answer.
 */
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createTask, run, sleep, timeout } from 'polvo'
import { faultProxy } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../../core/test/support/random.ts'
import type { ClientSession } from '../../src/index.ts'
import { afterTest, httpServer, rawServer, until } from '../support/servers.ts'
import { outcomeOf, sessionFor } from '../support/spellings.ts'

const BODY = 'answer to /victim, which is a bit longer'
const gzipped = gzipSync(BODY)

const RESPONSES: readonly [name: string, bytes: Buffer][] = [
  ['a length', Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`)],
  [
    'chunks and a trailer',
    Buffer.from(
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\n${BODY.slice(0, 5)}\r\n` +
        `${(BODY.length - 5).toString(16)}\r\n${BODY.slice(5)}\r\n0\r\nx-end: 1\r\n\r\n`,
    ),
  ],
  [
    'compression',
    Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${gzipped.length}\r\n\r\n`),
      gzipped,
    ]),
  ],
  [
    'a first answer that is only a hint',
    Buffer.from(
      `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
    ),
  ],
]

/** What becomes of the connection behind the bytes that were sent. */
const ENDS: readonly [name: string, end: (socket: Socket) => void][] = [
  ['stalls', () => {}],
  ['is ended', (socket) => socket.end()],
  ['is reset', (socket) => socket.resetAndDestroy()],
]

/** Sends `sent` bytes of `response` to who asks for /victim, and its own answer to everybody else. */
async function server(response: Buffer, end: (socket: Socket) => void) {
  const state = { sent: 0, isSent: false }
  const raw = await rawServer((socket) => {
    socket.setNoDelay(true)
    socket.on('data', (request) => {
      const path = String(request).split(' ')[1] as string
      if (path !== '/victim') {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`)
        return
      }
      socket.write(response.subarray(0, state.sent), () => {
        end(socket)
        state.isSent = true
      })
    })
  })
  return { raw, state }
}

async function isItsOwn(session: ClientSession, path: string): Promise<void> {
  expect(await (await session.get(path, { timeout: 1000 })).text()).toBe(path)
  expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
}

async function passes(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(setImmediate)
}

describe.each(RESPONSES)('a response with %s', (_, response) => {
  test.each(ENDS)('that %s behind any byte, and is cancelled there, leaves a clean pool', async (__, end) => {
    const { raw, state } = await server(response, end)
    const session = sessionFor({ baseUrl: raw.url, limit: 1 })
    let answered = 0
    await run(async () => {
      for (let sent = 0; sent <= response.length; sent++) {
        Object.assign(state, { sent, isSent: false })
        // Each second one on a connection that was used before.
        if (sent % 2 === 0) await isItsOwn(session, `/before${sent}`)
        const victim = createTask(async () => {
          const answer = await session.get('/victim')
          return await answer.text()
        })
        const outcome = createTask(outcomeOf, victim)
        await until(() => state.isSent)
        await passes()
        victim.cancel()
        if ((await outcome) === BODY) answered++
        else expect(await outcome).toBeInstanceOf(Error)
        await isItsOwn(session, `/after${sent}`)
      }
    })
    expect(answered).toBeLessThanOrEqual(12)
    await raw.untilOpen(1)
  })

  test.each(ENDS.slice(1))('that %s behind any byte is an error or the whole answer', async (__, end) => {
    const { raw, state } = await server(response, end)
    const session = sessionFor({ baseUrl: raw.url, limit: 1 })
    await run(async () => {
      for (let sent = 0; sent <= response.length; sent++) {
        Object.assign(state, { sent, isSent: false })
        const outcome = await createTask(
          outcomeOf,
          createTask(async () => (await session.get('/victim')).text()),
        )
        if (outcome !== BODY) {
          expect((outcome as Error).name).toMatch(
            /^(ServerDisconnected|ClientPayloadError|ClientConnectionError)$/,
          )
        }
        await isItsOwn(session, `/after${sent}`)
      }
    })
  })
})

test.each([1, 2])('a slow network, cancelled at random bytes, mixes nothing up (seed %i)', async (seed) => {
  const chance = seeded(seed)
  const origin = await httpServer((request, response) => response.end(`${request.url}`.padEnd(200, '.')))
  const proxy = await faultProxy({
    target: { port: origin.port },
    faults: [{ kind: 'throttle', probability: 1, bytesPerSecond: 20_000 }],
  })
  afterTest(() => proxy.close())
  const session = sessionFor({ baseUrl: `http://127.0.0.1:${proxy.port}`, limit: 4 })
  let answered = 0
  await run(async () => {
    const tasks = Array.from({ length: 120 }, (_, i) =>
      createTask(async () => {
        await sleep(i * 8)
        const isDoomed = i % 2 === 0
        const ask = async () => {
          const text = await (await session.get(`/${i}`)).text()
          expect(text).toBe(`/${i}`.padEnd(200, '.'))
          answered++
        }
        if (!isDoomed) return await ask()
        await timeout(chance() * 40, ask).then(null, (error: unknown) => {
          if ((error as Error).name !== 'TimeoutError') throw error
        })
      }),
    )
    for (const task of tasks) await task
    expect(session.stats().connections).toBe(session.stats().idle)
  })
  expect(answered).toBeGreaterThanOrEqual(60)
  await session.close()
  await until(() => proxy.stats().openConnections === 0)
})
