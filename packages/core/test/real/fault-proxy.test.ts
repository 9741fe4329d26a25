/**
 * Real sockets on loopback: the proxy between node:http or raw node:net peers. Every socket, server and proxy a test
 * opens is closed after it.
 */
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { type FaultProxy, type FaultProxyOptions, faultProxy } from '../../src/testing/fault-proxy.ts'
import type { Fault } from '../../src/testing/faults.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function proxyTo(port: number, options: Partial<FaultProxyOptions> = {}): Promise<FaultProxy> {
  const proxy = await faultProxy({ target: { port }, ...options })
  cleanups.push(() => proxy.close())
  return proxy
}

function httpProxyTo(port: number, faults: Fault[] = [], seed = 1): Promise<FaultProxy> {
  return proxyTo(port, { protocol: 'http', faults, seed })
}

async function httpServer(handler: http.RequestListener): Promise<{ port: number; server: http.Server }> {
  const server = http.createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

/** A server that answers with the body it was sent, chunked, or with the path when there is none. */
async function echoServer(): Promise<number> {
  const { port } = await httpServer((request, response) => {
    if (request.method === 'POST') request.pipe(response)
    else response.end(request.url)
  })
  return port
}

async function tcpServer(
  onConnection: (socket: net.Socket) => void,
  listen: net.ListenOptions = { port: 0, host: '127.0.0.1' },
): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(listen, resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' ? address!.port : 0
}

/** A port nobody listens on. */
async function deadPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function keepAliveAgent(maxSockets = Number.POSITIVE_INFINITY): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxSockets })
  cleanups.push(() => agent.destroy())
  return agent
}

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
  ms: number
}

function ask(
  proxy: FaultProxy,
  path = '/',
  options: http.RequestOptions & { body?: string | Buffer } = {},
): Promise<Answer> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options
    const request = http.request({ host: proxy.host, port: proxy.port, path, agent: false, ...rest })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          ms: performance.now() - start,
        })
      })
    })
    request.end(body)
  })
}

/** A raw client: collects what it is sent, and how the connection ended. */
class RawClient {
  readonly socket: net.Socket
  readonly ended: Promise<'end' | string>
  text = ''

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    cleanups.push(() => this.socket.destroy())
    this.socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1')
    })
    this.ended = new Promise((resolve) => {
      this.socket.on('end', () => resolve('end'))
      this.socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!))
    })
  }

  async until(part: string): Promise<string> {
    await vi.waitFor(() => expect(this.text).toContain(part), { interval: 2, timeout: 2000 })
    return this.text
  }
}

function finished(proxy: FaultProxy, count: number): Promise<void> {
  return vi.waitFor(() => expect(proxy.log.filter((record) => record.ended !== null)).toHaveLength(count), {
    interval: 2,
    timeout: 2000,
  })
}

const big = Buffer.alloc(5_000_000, 'polvo, the octopus. ')

// -- passing on

test('passes bodies with a length and chunked ones on unchanged, both ways', async () => {
  const { port } = await httpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      response.setHeader('x-coding', request.headers['transfer-encoding'] ?? 'length')
      if (request.url === '/length') response.setHeader('content-length', body.length)
      for (const byte of body) response.write(Buffer.of(byte))
      response.end()
    })
  })
  const proxy = await httpProxyTo(port)
  for (const path of ['/length', '/chunked']) {
    const plain = await ask(proxy, path, {
      method: 'POST',
      body: 'octopus',
      headers: { 'content-length': 7 },
    })
    expect(plain).toMatchObject({ status: 200, body: 'octopus' })
    expect(plain.headers['x-coding']).toBe('length')
    const headers = { 'transfer-encoding': 'chunked' }
    const chunked = await ask(proxy, path, { method: 'POST', body: 'octopus', headers })
    expect(chunked).toMatchObject({ status: 200, body: 'octopus' })
    expect(chunked.headers['x-coding']).toBe('chunked')
  }
  expect(proxy.log.map((record) => record.ended)).toEqual(['done', 'done', 'done', 'done'])
})

test('hands on the very bytes it got, however they were cut', async () => {
  const requests =
    '\r\nPOST /a HTTP/1.1\r\nHost:  x\r\nX-Odd:\t a  b \r\ncontent-Length: 3\r\n\r\nabc' +
    'PUT /b?q HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n' +
    '3;why="not"\r\na\nb\r\n00A\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n' +
    'GET /c HTTP/1.1\r\n\r\n'
  const answers =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok' +
    'HTTP/1.1 200 Fine by me\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n' +
    'HTTP/1.1 404 No\r\n\r\nuntil the end'
  let heard = ''
  const port = await tcpServer((socket) => {
    let answered = 0
    socket.on('data', async (chunk) => {
      heard += chunk.toString('latin1')
      const ends = ['abc', 't\r\n\r\n', '/c HTTP/1.1\r\n\r\n']
      const bounds = [0, answers.indexOf('ok') + 2, answers.indexOf('HTTP/1.1 404'), answers.length]
      const turn = answered
      if (!heard.endsWith(ends[turn]!)) return
      answered++
      for (const byte of answers.slice(bounds[turn], bounds[turn + 1])) {
        socket.write(byte, 'latin1')
        await wait(0)
      }
      if (turn === 2) socket.end()
    })
  })
  const proxy = await httpProxyTo(port)
  const client = new RawClient(proxy.port)
  client.socket.setNoDelay(true)
  for (const byte of requests) {
    client.socket.write(byte, 'latin1')
    await wait(0)
  }
  expect(await client.ended).toBe('end')
  expect(heard).toBe(requests)
  expect(client.text).toBe(answers)
  expect(proxy.log).toMatchObject([
    { method: 'POST', path: '/a', status: 200, ended: 'done' },
    { method: 'PUT', path: '/b?q', status: 200, ended: 'done' },
    { method: 'GET', path: '/c', status: 404, ended: 'done' },
  ])
  expect(proxy.log.reduce((sum, record) => sum + record.bytesIn, 0)).toBe(requests.length)
  expect(proxy.log.reduce((sum, record) => sum + record.bytesOut, 0)).toBe(answers.length)
})

test('streams big bodies and lets neither side run ahead of the other', async () => {
  const port = await echoServer()
  const proxy = await httpProxyTo(port)
  const length = { 'content-length': big.length }
  const [plain, chunked] = await Promise.all([
    ask(proxy, '/', { method: 'POST', body: big, headers: length }),
    ask(proxy, '/', { method: 'POST', body: big, headers: { 'transfer-encoding': 'chunked' } }),
  ])
  expect(plain.body === big.toString()).toBe(true)
  expect(chunked.body === big.toString()).toBe(true)
})

test.each(['tcp', 'http'] as const)(
  'does not buffer for a side that does not read (%s)',
  async (protocol) => {
    const upload = Buffer.alloc(40_000_000)
    const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${upload.length}\r\n\r\n`
    let target: net.Socket | undefined
    let received = 0
    const port = await tcpServer((socket) => {
      target = socket
      socket.pause()
      socket.on('data', (chunk) => {
        received += chunk.length
      })
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${upload.length}\r\n\r\n`)
      socket.write(upload)
    })
    const proxy = await proxyTo(port, { protocol })
    const client = new RawClient(proxy.port)
    client.socket.pause()
    client.socket.write(head)
    client.socket.write(upload)
    const passed = (): number => client.socket.writableLength + (target?.writableLength ?? 0)
    let before = -1
    while (before !== passed() || target === undefined) {
      before = passed()
      await wait(40)
    }
    // What neither end has got rid of is stuck behind the kernel's buffers, not in the proxy.
    expect(client.socket.writableLength).toBeGreaterThan(upload.length / 2)
    expect(target.writableLength).toBeGreaterThan(upload.length / 2)
    let got = 0
    client.socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      got += chunk.length
    })
    client.socket.resume()
    target.resume()
    await vi.waitFor(() => expect(received).toBe(head.length + upload.length), { timeout: 3000 })
    await vi.waitFor(() => expect(got).toBeGreaterThan(upload.length), { timeout: 3000 })
  },
)

test('keeps one connection to the target for a keep-alive client, and opens it on first need', async () => {
  const { port, server } = await httpServer((request, response) => response.end(request.url))
  let connections = 0
  server.on('connection', () => connections++)
  const proxy = await httpProxyTo(port)
  const idle = new RawClient(proxy.port)
  await once(idle.socket, 'connect')
  const agent = keepAliveAgent(1)
  for (const path of ['/1', '/2', '/3']) expect((await ask(proxy, path, { agent })).body).toBe(path)
  expect(connections).toBe(1)
  expect(proxy.stats()).toMatchObject({ connections: 2, requests: 3, maxInFlight: 1 })
})

test('answers pipelined requests in order, each with its own fault', async () => {
  const port = await echoServer()
  const proxy = await httpProxyTo(port, [
    { kind: 'error', probability: 0.4, status: 503 },
    { kind: 'delay', probability: 0.4, ms: [0, 5] },
  ])
  const client = new RawClient(proxy.port)
  const paths = Array.from({ length: 30 }, (_, index) => `/page-${index}`)
  const requests = paths.map(
    (path) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n${path.padEnd(8)}`,
  )
  client.socket.write(`${requests.join('')}GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await client.ended
  expect(proxy.log.map((record) => record.path)).toEqual([...paths, '/last'])
  const statuses = [...client.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))
  expect(statuses).toEqual(proxy.log.map((record) => record.status))
  expect(new Set(statuses)).toEqual(new Set([200, 503]))
  const answered = proxy.log.filter((record) => record.status === 200 && record.path !== '/last')
  const bodies = [...client.text.matchAll(/\/page-\d+/g)].map((match) => match[0])
  expect(bodies).toEqual(answered.map((record) => record.path))
})

test('knows that HEAD, 204 and 304 have no body', async () => {
  const { port } = await httpServer((request, response) => {
    response.statusCode = Number(request.url!.slice(1))
    if (request.method === 'HEAD' || request.url === '/304') response.setHeader('content-length', 1000)
    response.end()
  })
  const proxy = await httpProxyTo(port)
  const agent = keepAliveAgent(1)
  expect((await ask(proxy, '/200', { agent, method: 'HEAD' })).headers['content-length']).toBe('1000')
  expect((await ask(proxy, '/204', { agent })).status).toBe(204)
  expect((await ask(proxy, '/304', { agent })).status).toBe(304)
  expect((await ask(proxy, '/200', { agent })).status).toBe(200)
  expect(proxy.stats()).toMatchObject({ connections: 1, requests: 4, inFlight: 0 })
})

test('passes a 100 Continue on, and gives the connection up when it refuses such a request', async () => {
  const port = await echoServer()
  const proxy = await httpProxyTo(port)
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n'
  const client = new RawClient(proxy.port)
  client.socket.write(head)
  await client.until('100 Continue')
  expect(proxy.log[0]!.firstByte).toBeNull()
  client.socket.write('body')
  await client.until('200 OK')
  proxy.setFaults([{ kind: 'error', probability: 1, status: 418 }])
  const refused = new RawClient(proxy.port)
  refused.socket.write(head)
  expect(await refused.ended).toBe('end')
  expect(refused.text).toMatch(/^HTTP\/1.1 418 I'm a Teapot\r\n[\s\S]*connection: close\r\n/)
})

test('answers everything a client sent before it ended its side', async () => {
  const { port, server } = await httpServer(async (request, response) => {
    await wait(5)
    response.end(request.url)
  })
  Object.assign(server, { httpAllowHalfOpen: true })
  const proxy = await httpProxyTo(port)
  const paths = Array.from({ length: 8 }, (_, index) => `/${index}`)
  const client = new RawClient(proxy.port)
  const tail = 'GET /8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  client.socket.end(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('') + tail)
  expect(await client.ended).toBe('end')
  expect([...client.text.matchAll(/\/\d$|\/\d(?=HTTP)/g)].map((match) => match[0])).toEqual([...paths, '/8'])
})

test('goes transparent after an upgrade and after a CONNECT', async () => {
  const { port, server } = await httpServer((_, response) => response.end())
  const echo = (status: string) => (_: unknown, socket: { write(data: unknown): void }, first: Buffer) => {
    socket.write(`HTTP/1.1 ${status}\r\n\r\nhello `)
    socket.write(first)
    ;(socket as net.Socket).pipe(socket as net.Socket)
  }
  server.on('upgrade', echo('101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo'))
  server.on('connect', echo('200 Connected'))
  const proxy = await httpProxyTo(port)
  for (const line of ['GET /chat HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: echo', 'CONNECT a:1 HTTP/1.1']) {
    const client = new RawClient(proxy.port)
    client.socket.write(`${line}\r\nHost: x\r\n\r\nGET `)
    await client.until('hello GET ')
    client.socket.end('\0\r\n\r\n no http')
    expect(await client.ended).toBe('end')
    expect(client.text).toMatch(/hello GET \0\r\n\r\n no http$/)
  }
  expect(proxy.log).toMatchObject([
    { path: '/chat', status: 101, ended: 'upgraded' },
    { method: 'CONNECT', path: 'a:1', status: 200, ended: 'upgraded' },
  ])
  expect(proxy.stats()).toMatchObject({ malformed: 0, inFlight: 0 })
})

test.each([
  ['no HTTP at all', 'hello\n'],
  ['binary', '\x16\x03\x01'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a bare line feed', 'GET / HTTP/1.1\nHost: x\n\n'],
  ['both lengths', 'POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n'],
  ['a folded header', 'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n'],
  ['a bad chunk size', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
])('passes %s through unread', async (_, bytes) => {
  const port = await tcpServer((socket) => socket.pipe(socket))
  const proxy = await httpProxyTo(port, [])
  const client = new RawClient(proxy.port)
  client.socket.write(bytes, 'latin1')
  await client.until(bytes)
  client.socket.end('more')
  expect(await client.ended).toBe('end')
  expect(client.text).toBe(`${bytes}more`)
  expect(proxy.stats()).toMatchObject({ malformed: 1, inFlight: 0 })
})

test('passes half-closed connections on, in both directions', async () => {
  const port = await tcpServer((socket) => {
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString()
    })
    socket.on('end', async () => {
      await wait(20)
      socket.end(`heard ${heard}`)
    })
  })
  const proxy = await proxyTo(port)
  const client = new RawClient(proxy.port)
  client.socket.end('everything')
  expect(await client.ended).toBe('end')
  expect(client.text).toBe('heard everything')
  await finished(proxy, 1)
  expect(proxy.log).toMatchObject([{ number: 1, fault: null, bytesIn: 10, bytesOut: 16, ended: 'done' }])

  const http = await httpProxyTo(
    await tcpServer((socket) => {
      socket.on('end', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')).resume()
    }),
  )
  const half = new RawClient(http.port)
  half.socket.end('GET / HTTP/1.1\r\n\r\n')
  expect(await half.ended).toBe('end')
  expect(half.text).toContain('ok')
  expect(http.log).toMatchObject([{ status: 200, ended: 'done' }])
})

test('reaches a target on a Unix socket', async () => {
  const path = join(tmpdir(), `polvo-fault-proxy-${process.pid}.sock`)
  rmSync(path, { force: true })
  await tcpServer((socket) => socket.pipe(socket), { path })
  const proxy = await faultProxy({ target: { path } })
  cleanups.push(() => proxy.close())
  const client = new RawClient(proxy.port)
  client.socket.end('hello')
  await client.ended
  expect(client.text).toBe('hello')
})

// -- faults

test('delays half of the requests and answers a quarter with 503, the same ones for the same seed', async () => {
  const port = await echoServer()
  const faults: Fault[] = [
    { kind: 'error', probability: 0.25, status: 503 },
    { kind: 'delay', probability: 0.5, ms: [0, 1] },
  ]
  const run = async (seed: number): Promise<(string | null)[]> => {
    const proxy = await httpProxyTo(port, faults, seed)
    const agent = keepAliveAgent(50)
    const paths = Array.from({ length: 2000 }, (_, index) => `/${index}`)
    const answers = await Promise.all(paths.map((path) => ask(proxy, path, { agent })))
    const { faults: struck, ...stats } = proxy.stats()
    expect(answers.filter((answer) => answer.status === 503)).toHaveLength(struck.error)
    expect(struck.error).toBeGreaterThan(440)
    expect(struck.error).toBeLessThan(560)
    expect(struck.delay).toBeGreaterThan(930)
    expect(struck.delay).toBeLessThan(1070)
    expect(stats).toMatchObject({ connections: 50, requests: 2000, inFlight: 0, malformed: 0 })
    expect(stats.maxInFlight).toBeLessThanOrEqual(50)
    return proxy.log.map((record) => record.fault)
  }
  const first = await run(42)
  expect(await run(42)).toEqual(first)
  expect(await run(43)).not.toEqual(first)
})

test('holds a delayed request before the target is asked, and holds nobody else', async () => {
  const asked: number[] = []
  const { port } = await httpServer((_, response) => {
    asked.push(performance.now())
    response.end()
  })
  const proxy = await httpProxyTo(port, [{ kind: 'delay', probability: 1, ms: 50 }])
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(proxy)))
  for (const answer of answers) expect(answer.ms).toBeGreaterThanOrEqual(49)
  expect(Math.min(...asked)).toBeGreaterThanOrEqual(proxy.log[0]!.received + 49)
  for (const record of proxy.log) {
    expect(record.heldMs).toBeGreaterThanOrEqual(49)
    expect(record.heldMs).toBeLessThan(250)
    expect(record.firstByte).toBeGreaterThanOrEqual(record.received + record.heldMs)
    expect(record.finished).toBeGreaterThanOrEqual(record.firstByte!)
  }
  expect(proxy.stats().maxInFlight).toBe(20)
})

test('draws a delay evenly from its range, without shifting later draws', async () => {
  const port = await echoServer()
  const half = { kind: 'error', probability: 0.5, status: 500 } as const
  const ranged = await httpProxyTo(port, [half, { kind: 'delay', probability: 0.5, ms: [10, 50] }], 7)
  const fixed = await httpProxyTo(port, [half, { kind: 'delay', probability: 0.5, ms: 0 }], 7)
  await Promise.all(Array.from({ length: 60 }, () => [ask(ranged), ask(fixed)]).flat())
  const held = ranged.log.filter((record) => record.fault === 'delay').map((record) => record.heldMs)
  expect(Math.min(...held)).toBeGreaterThanOrEqual(9)
  expect(Math.max(...held) - Math.min(...held)).toBeGreaterThan(20)
  expect(Math.max(...held)).toBeLessThan(250)
  expect(fixed.log.map((record) => record.fault)).toEqual(ranged.log.map((record) => record.fault))
})

test('refuses in place of the target, and leaves the connection usable', async () => {
  let asked = 0
  const { port } = await httpServer((_, response) => {
    asked++
    response.end('fine')
  })
  const proxy = await httpProxyTo(port, [{ kind: 'error', probability: 1, status: 503 }])
  const agent = keepAliveAgent(1)
  const small = await ask(proxy, '/', { agent, method: 'POST', body: 'x' })
  expect(small).toMatchObject({ status: 503, body: '503 Service Unavailable\n' })
  const headers = { 'transfer-encoding': 'chunked' }
  expect((await ask(proxy, '/', { agent, method: 'POST', body: big, headers })).status).toBe(503)
  expect(await ask(proxy, '/', { agent, method: 'HEAD' })).toMatchObject({ status: 503, body: '' })
  expect(asked).toBe(0)
  proxy.setFaults([])
  expect(await ask(proxy, '/', { agent })).toMatchObject({ status: 200, body: 'fine' })
  expect(proxy.stats()).toMatchObject({ connections: 1, requests: 4, faults: { error: 3 } })
  expect(proxy.log[1]!.bytesIn).toBeGreaterThan(big.length)
})

test('ends the connection after an error when the client asked for that', async () => {
  const proxy = await httpProxyTo(1, [{ kind: 'error', probability: 1, status: 500 }])
  for (const head of ['GET / HTTP/1.0\r\n\r\n', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n']) {
    const client = new RawClient(proxy.port)
    client.socket.write(head)
    expect(await client.ended).toBe('end')
    expect(client.text).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n[\s\S]*connection: close\r\n/)
  }
})

test.each(['tcp', 'http'] as const)(
  'hangs: accepts and never answers, and sees the client leave (%s)',
  async (protocol) => {
    const proxy = await proxyTo(await echoServer(), { protocol, faults: [{ kind: 'hang', probability: 1 }] })
    const leaving = new RawClient(proxy.port)
    const staying = new RawClient(proxy.port)
    for (const client of [leaving, staying])
      client.socket.write('GET / HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n')
    await wait(40)
    expect(proxy.stats()).toMatchObject({ inFlight: 2, maxConnections: 2, faults: { hang: 2 } })
    leaving.socket.destroy()
    await finished(proxy, 1)
    expect(staying.text).toBe('')
    await proxy.close()
    expect(proxy.log.map((record) => record.ended).sort()).toEqual(['client left', 'hung'])
    for (const record of proxy.log) expect(record.heldMs).toBeGreaterThan(20)
  },
)

test('blacks out: resets the connection', async () => {
  const port = await echoServer()
  const web = await httpProxyTo(port)
  const agent = keepAliveAgent(1)
  await ask(web, '/before', { agent })
  web.setFaults([{ kind: 'blackout', probability: 1 }])
  await expect(ask(web, '/', { agent, method: 'POST', body: 'x' })).rejects.toMatchObject({
    code: 'ECONNRESET',
  })
  expect(web.log).toMatchObject([{ ended: 'done' }, { fault: 'blackout', ended: 'reset', status: null }])

  const tcp = await proxyTo(port, { faults: [{ kind: 'blackout', probability: 1 }] })
  expect(await new RawClient(tcp.port).ended).toBe('ECONNRESET')
  expect(tcp.log).toMatchObject([{ fault: 'blackout', ended: 'reset', bytesOut: 0 }])
})

test('throttles each direction to its rate', async () => {
  const port = await echoServer()
  const throttle: Fault = { kind: 'throttle', probability: 1, bytesPerSecond: 20_000 }
  const web = await httpProxyTo(port, [throttle])
  const tcp = await proxyTo(port, { faults: [throttle] })
  const body = Buffer.alloc(4000, 'x')
  const headers = { connection: 'close', 'content-length': body.length }
  const answers = await Promise.all(
    [web, tcp].map((proxy) => ask(proxy, '/', { method: 'POST', body, headers })),
  )
  for (const answer of answers) {
    // 0.2 s up; the way down runs beside it, and ends a little later.
    expect(answer.body).toHaveLength(body.length)
    expect(answer.ms).toBeGreaterThan(180)
    expect(answer.ms).toBeLessThan(600)
  }
  await finished(web, 1)
  expect(web.log[0]!.finished! - web.log[0]!.received).toBeGreaterThan(180)
  const get = await ask(web, `/${'y'.repeat(3000)}`)
  expect(get.ms).toBeGreaterThan(280)
  expect(get.ms).toBeLessThan(800)
})

test('a throttle slows its own request only', async () => {
  const { port } = await httpServer((_, response) => response.end(big.subarray(0, 400_000)))
  const proxy = await httpProxyTo(port, [{ kind: 'throttle', probability: 1, bytesPerSecond: 4_000_000 }])
  const agent = keepAliveAgent(1)
  const slow = await ask(proxy, '/', { agent })
  expect(slow.body).toHaveLength(400_000)
  expect(slow.ms).toBeGreaterThan(90)
  expect(slow.ms).toBeLessThan(400)
  proxy.setFaults([])
  expect((await ask(proxy, '/', { agent })).ms).toBeLessThan(slow.ms)
})

test('a transient fault strikes the first tries of a request and lets a retry pass', async () => {
  const port = await echoServer()
  const proxy = await httpProxyTo(port, [{ kind: 'transient', probability: 1, failures: 2 }])
  const tries = async (path: string): Promise<number[]> => {
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await ask(proxy, path)).status)
    return statuses
  }
  expect(await Promise.all([tries('/a'), tries('/b')])).toEqual([
    [503, 503, 200, 200],
    [503, 503, 200, 200],
  ])
  expect(proxy.stats().faults).toMatchObject({ transient: 4, error: 0 })
  expect(proxy.log.filter((record) => record.fault === null)).toHaveLength(4)
  proxy.setFaults([{ kind: 'transient', probability: 1, fault: { kind: 'delay', ms: 30 } }])
  expect((await ask(proxy, '/a')).ms).toBeGreaterThanOrEqual(29)
  await ask(proxy, '/a')
  expect(proxy.log.at(-1)!.heldMs).toBeLessThan(20)
})

test('in tcp a transient fault strikes the first connections', async () => {
  const port = await tcpServer((socket) => socket.end('welcome'))
  const proxy = await proxyTo(port, { faults: [{ kind: 'transient', probability: 1, failures: 2 }] })
  const ends: string[] = []
  for (let i = 0; i < 4; i++) ends.push(await new RawClient(proxy.port).ended)
  expect(ends).toEqual(['ECONNRESET', 'ECONNRESET', 'end', 'end'])
})

test('in tcp a delay holds the connection, and what was sent meanwhile arrives', async () => {
  const port = await tcpServer((socket) => socket.pipe(socket))
  const proxy = await proxyTo(port, { faults: [{ kind: 'delay', probability: 1, ms: 40 }] })
  const client = new RawClient(proxy.port)
  client.socket.end('early')
  expect(await client.ended).toBe('end')
  await finished(proxy, 1)
  expect(client.text).toBe('early')
  expect(proxy.log).toMatchObject([{ fault: 'delay', bytesIn: 5, bytesOut: 5, ended: 'done' }])
  expect(proxy.log[0]!.heldMs).toBeGreaterThanOrEqual(39)
})

// -- the witness, and what goes wrong

test('bears witness: a thousand requests in flight at once', async () => {
  const waiting: (() => void)[] = []
  const { port } = await httpServer((request, response) => {
    waiting.push(() => response.end(request.url))
    if (waiting.length === 1000) for (const answer of waiting) answer()
  })
  const proxy = await httpProxyTo(port, [{ kind: 'delay', probability: 1, ms: [0, 50] }])
  const paths = Array.from({ length: 1000 }, (_, index) => `/${index}`)
  const answers = await Promise.all(paths.map((path) => ask(proxy, path)))
  expect(answers.map((answer) => answer.body)).toEqual(paths)
  const { maxInFlight, maxConnections, requests } = proxy.stats()
  expect({ maxInFlight, maxConnections, requests }).toEqual({
    maxInFlight: 1000,
    maxConnections: 1000,
    requests: 1000,
  })
  expect(proxy.log.map((record) => record.inFlight)).toEqual(proxy.log.map((record) => record.number))
  await vi.waitFor(() => expect(proxy.stats()).toMatchObject({ inFlight: 0, openConnections: 0 }))
})

test('answers 502 when the target is down, and recovers with it', async () => {
  const port = await deadPort()
  const proxy = await httpProxyTo(port)
  const agent = keepAliveAgent(1)
  expect((await ask(proxy, '/', { agent, method: 'POST', body: big })).status).toBe(502)
  expect(proxy.log).toMatchObject([{ fault: null, status: 502, ended: 'target down' }])
  await tcpServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nback'), { port, host: '127.0.0.1' })
  expect(await ask(proxy, '/', { agent })).toMatchObject({ status: 200, body: 'back' })
  expect(proxy.stats().connections).toBe(1)
})

test('in tcp resets the client when the target is down', async () => {
  const proxy = await proxyTo(await deadPort())
  expect(await new RawClient(proxy.port).ended).toBe('ECONNRESET')
  expect(proxy.log).toMatchObject([{ ended: 'target down' }])
})

test.each([
  ['ends before its answer', '', false],
  ['ends in the middle of its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', false],
  ['resets', '', true],
])('says so when the target %s', async (_, text, resets) => {
  const port = await tcpServer((socket) => {
    socket.on('data', () => (resets ? socket.resetAndDestroy() : socket.end(text)))
  })
  const proxy = await httpProxyTo(port)
  const client = new RawClient(proxy.port)
  client.socket.write('GET / HTTP/1.1\r\n\r\n')
  expect(await client.ended).toBe(resets ? 'ECONNRESET' : 'end')
  expect(client.text).toBe(text)
  expect(proxy.log).toMatchObject([{ ended: 'target left', status: text === '' ? null : 200 }])
  expect(proxy.stats().inFlight).toBe(0)
})

test('in tcp passes the reset of either side on', async () => {
  const sockets: net.Socket[] = []
  const port = await tcpServer((socket) => sockets.push(socket.resume()))
  const proxy = await proxyTo(port)
  const first = new RawClient(proxy.port)
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  sockets[0]!.resetAndDestroy()
  expect(await first.ended).toBe('ECONNRESET')
  const second = new RawClient(proxy.port)
  await vi.waitFor(() => expect(sockets).toHaveLength(2))
  const closed = new Promise((resolve) => sockets[1]!.on('close', resolve))
  second.socket.resetAndDestroy()
  expect(await closed).toBe(true)
  expect(proxy.log.map((record) => record.ended)).toEqual(['target left', 'client left'])
})

test('opens a new connection when the target gave the idle one up while a request was held', async () => {
  let connections = 0
  const port = await tcpServer((socket) => {
    connections++
    socket.on('data', async () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await wait(20)
      socket.end()
    })
  })
  const proxy = await httpProxyTo(port)
  const client = new RawClient(proxy.port)
  client.socket.write('GET /1 HTTP/1.1\r\n\r\n')
  await client.until('ok')
  proxy.setFaults([{ kind: 'delay', probability: 1, ms: 60 }])
  client.socket.write('GET /2 HTTP/1.1\r\n\r\n')
  expect(await client.ended).toBe('end')
  expect(client.text.match(/ok/g)).toHaveLength(2)
  expect(connections).toBe(2)
  expect(proxy.log.map((record) => record.ended)).toEqual(['done', 'done'])
})

test('does not ask the target for a client that left while it was held', async () => {
  let asked = 0
  const { port } = await httpServer((_, response) => {
    asked++
    response.end()
  })
  const proxy = await httpProxyTo(port, [{ kind: 'delay', probability: 1, ms: 50 }])
  const signal = AbortSignal.timeout(20)
  await expect(ask(proxy, '/', { signal })).rejects.toThrow('abort')
  await finished(proxy, 1)
  expect(proxy.log).toMatchObject([{ ended: 'client left', status: null }])
  await wait(60)
  expect(asked).toBe(0)
})

test('tells the target when the client leaves in the middle of an answer', async () => {
  let left = false
  const { port } = await httpServer((_, response) => {
    response.write('first part')
    response.on('close', () => {
      left = true
    })
  })
  const proxy = await httpProxyTo(port)
  await expect(ask(proxy, '/', { signal: AbortSignal.timeout(30) })).rejects.toThrow()
  await vi.waitFor(() => expect(left).toBe(true))
  await finished(proxy, 1)
  expect(proxy.log).toMatchObject([{ status: 200, ended: 'client left' }])
})

test('closes with requests in flight, twice if asked, and leaves no socket open', async () => {
  const targets = new Set<net.Socket>()
  const { port, server } = await httpServer((request, response) => {
    if (request.url === '/streaming') response.write('begun')
  })
  server.on('connection', (socket) => {
    targets.add(socket)
    socket.on('close', () => targets.delete(socket))
  })
  const proxy = await httpProxyTo(port)
  const asked = ['/silent', '/streaming'].map((path) => ask(proxy, path))
  await vi.waitFor(() => expect(targets.size).toBe(2))
  proxy.setFaults([{ kind: 'delay', probability: 1, ms: 60_000 }])
  asked.push(ask(proxy, '/held'))
  const failed = Promise.all(asked.map((answer) => expect(answer).rejects.toThrow()))
  await vi.waitFor(() => expect(proxy.log).toHaveLength(3))
  const closing = proxy.close()
  expect(proxy.close()).toBe(closing)
  await closing
  await failed
  expect(proxy.log.map((record) => record.ended)).toEqual(['proxy closed', 'proxy closed', 'proxy closed'])
  expect(proxy.stats()).toMatchObject({ inFlight: 0, openConnections: 0 })
  await vi.waitFor(() => expect(targets.size).toBe(0))
  await expect(ask(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('is disposed of by closing it, and says where it listens', async () => {
  let url: string
  {
    await using proxy = await faultProxy({ target: { port: 1 }, protocol: 'http', host: '::1' })
    url = proxy.url
    expect(url).toBe(`http://[::1]:${proxy.port}`)
  }
  await expect(fetch(url)).rejects.toThrow()
})

test('rejects when it cannot listen', async () => {
  const port = await tcpServer(() => {})
  await expect(faultProxy({ target: { port }, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test.each<[string, unknown, RegExp]>([
  ['no target', { target: undefined }, /target.port is undefined: give a number from 1 to 65535/],
  ['a bad port', { port: 1.5 }, /port is 1.5: give an integer/],
  ['an empty path', { target: { path: '' } }, /target.path is '': give the path of a Unix socket/],
  ['a protocol', { protocol: 'https' }, /protocol is 'https': use 'tcp' or 'http'/],
  ['a seed', { seed: 'abc' }, /seed is 'abc': give a number/],
  [
    'a probability',
    { faults: [{ kind: 'hang', probability: 25 }] },
    /faults\[0\].probability is 25: give a number from 0 to 1/,
  ],
  [
    'the sum',
    { faults: [0.5, 0.4, 0.3].map((probability) => ({ kind: 'hang', probability })) },
    /sum to 1.2: they are alternatives of one draw, lower them so that the sum is at most 1/,
  ],
  [
    'a kind',
    { faults: [{ kind: 'slow', probability: 1 }] },
    /faults\[0\].kind is 'slow': use 'error', 'delay'/,
  ],
  [
    'an error in tcp',
    { protocol: 'tcp', faults: [{ kind: 'error', status: 503, probability: 1 }] },
    /use protocol: 'http'/,
  ],
  [
    'a status',
    { faults: [{ kind: 'error', status: 200, probability: 1 }] },
    /status is 200: give a number from 400 to 599/,
  ],
  [
    'a range',
    { faults: [{ kind: 'delay', ms: [50, 5], probability: 1 }] },
    /ms\[1\] is 5: give a number from 50/,
  ],
  [
    'a rate',
    { faults: [{ kind: 'throttle', bytesPerSecond: 0, probability: 1 }] },
    /bytesPerSecond is 0: give a number from 1/,
  ],
  [
    'failures',
    { faults: [{ kind: 'transient', failures: 0, probability: 1 }] },
    /failures is 0: give a number from 1/,
  ],
  [
    'a transient transient',
    { faults: [{ kind: 'transient', fault: { kind: 'transient' }, probability: 1 }] },
    /faults\[0\].fault.kind is 'transient': use/,
  ],
])('names what is wrong with %s and the fix', async (_, options, message) => {
  const wrong = { target: { port: 1 }, protocol: 'http', ...(options as object) } as FaultProxyOptions
  await expect(faultProxy(wrong)).rejects.toThrow(message)
})

test('takes probabilities that only just do not sum to one', async () => {
  const proxy = await httpProxyTo(1)
  proxy.setFaults(Array.from({ length: 10 }, () => ({ kind: 'hang', probability: 0.1 }) as const))
  expect(() => proxy.setFaults([{ kind: 'hang', probability: Number.NaN }])).toThrow(RangeError)
})
