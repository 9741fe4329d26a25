// A websocket of ours as the server of an independent client: the one of Node, which is undici's.
import http from 'node:http'
import { type Coroutine, createTask, forEach, run } from 'polvo'
import { WebSocket as UndiciSocket } from 'undici'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { WebSocketConnection } from '../../src/websocket/connection.ts'
import { listening } from '../support/secure.ts'
import { until } from '../support/servers.ts'

type Handler = (socket: WebSocketConnection) => Coroutine | PromiseLike<void>

/** Each connection is a task of ours. */
async function serve(handler: Handler): Promise<string> {
  const sockets = new WebSocketServer({ noServer: true })
  const server = http.createServer()
  server.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const connection = new WebSocketConnection(socket, stream)
      void run(() => handler(connection) as Coroutine)
    })
  })
  return `ws://127.0.0.1:${await listening(server)}`
}

/** What the client gets, and how it ends. */
async function talk(url: string, messages: (string | Uint8Array)[], count: number) {
  const client = new UndiciSocket(url)
  client.binaryType = 'arraybuffer'
  const received: unknown[] = []
  return new Promise<{ received: unknown[]; code: number; reason: string }>((resolve) => {
    client.addEventListener('open', () => {
      for (const message of messages) client.send(message as string)
    })
    client.addEventListener('message', ({ data }) => {
      received.push(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer).length)
      if (received.length === count) client.close(3000, 'enough')
    })
    client.addEventListener('close', ({ code, reason }) => resolve({ received, code, reason }))
  })
}

const messages = ['a', 'grüße', new Uint8Array(200_000), '', 'z'.repeat(70_000)]
const echoed = ['a', 'grüße', 200_000, '', 'z'.repeat(70_000)]

test('an echo in a generator', async () => {
  const url = await serve(function* (socket): Coroutine {
    try {
      yield* forEach(socket, function* (message) {
        yield* socket.send(message)
      })
    } catch {}
  })
  const { received, code } = await talk(url, messages, messages.length)
  expect(received).toEqual(echoed)
  expect(code).toBe(3000)
})

test('an echo in an async function', async () => {
  let end = 0
  const url = await serve(async (socket) => {
    try {
      for await (const message of socket) await socket.send(message)
    } catch {}
    end = await socket.waitClosed()
  })
  const { received, code, reason } = await talk(url, messages, messages.length)
  expect(received).toEqual(echoed)
  expect([code, reason]).toEqual([3000, 'enough'])
  await until(() => end === 3000)
})

test('a server that says goodbye', async () => {
  const url = await serve(async (socket) => {
    await socket.sendJson({ hello: 'there' })
    await socket.close(4001, 'bye')
  })
  expect(await talk(url, [], 2)).toEqual({ received: ['{"hello":"there"}'], code: 4001, reason: 'bye' })
})

test('many at once, each with its own answers', async () => {
  const url = await serve(async (socket) => {
    const name = await socket.receiveText()
    const numbers = createTask(async () => {
      for (let i = 0; i < 50; i++) await socket.send(`${name}${i}`)
    })
    await numbers
    await socket.waitClosed()
  })
  const talks = await Promise.all(Array.from({ length: 20 }, (_, i) => talk(url, [`n${i}-`], 50)))
  for (const [i, { received }] of talks.entries()) {
    expect(received).toEqual(Array.from({ length: 50 }, (_, n) => `n${i}-${n}`))
  }
})
