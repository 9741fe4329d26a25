/** Streams over real sockets, on this machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createNetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  allTasks,
  BrokenResource,
  ClosedResource,
  ContextVar,
  type Coroutine,
  call,
  createTask,
  currentTask,
  Event,
  forEach,
  getRunningLoop,
  IncompleteReadError,
  InvalidStateError,
  isCancelled,
  moveOnAfter,
  run,
  sleep,
  TaskGroup,
  TimeoutError,
  taskGroup,
  timeout,
  use,
  wait,
} from 'polvo'
import {
  type Connection,
  openConnection,
  openUnixConnection,
  type Server,
  type StreamReader,
  type StreamWriter,
  startServer,
  startUnixServer,
} from 'polvo/node'
import { faultProxy } from 'polvo/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { cert, key } from '../support/certificate.ts'
import { seeded } from '../support/random.ts'
import { eventually, inBothSpellings, openFiles, reporting } from '../support/real.ts'

const HOST = '127.0.0.1'
const trusting = { ca: cert, servername: 'localhost' }

let folder = ''
let filesBefore = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polvo-streams-'))
  filesBefore = openFiles()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await eventually(() => openFiles() <= filesBefore)
  expect(openFiles()).toBeLessThanOrEqual(filesBefore)
})

function* echo(reader: StreamReader, writer: StreamWriter): Coroutine {
  for (;;) {
    const line = yield* reader.readline()
    if (line.length === 0) return
    writer.write(line)
    yield* writer.drain()
  }
}

async function echoAsync(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) {
    writer.write(line)
    await writer.drain()
  }
}

function* ask(reader: StreamReader, writer: StreamWriter, line: string): Coroutine<string> {
  writer.write(`${line}\n`)
  return (yield* reader.readline()).toString().trim()
}

async function askAsync(reader: StreamReader, writer: StreamWriter, line: string): Promise<string> {
  writer.write(`${line}\n`)
  return (await reader.readline()).toString().trim()
}

describe('a connection', { timeout: 20_000 }, () => {
  const unixPath = () => join(folder, 'echo')
  const kinds = [
    ['TCP', () => startServer(echo, HOST), (server: Server) => openConnection(HOST, server.port)],
    ['a Unix socket', () => startUnixServer(echo, unixPath()), () => openUnixConnection(unixPath())],
    [
      'TLS',
      () => startServer(echo, HOST, 0, { tls: { cert, key } }),
      (server: Server) => openConnection(HOST, server.port, { tls: trusting }),
    ],
  ] as const

  for (const [kind, start, open] of kinds) {
    inBothSpellings(`over ${kind} carries lines there and back, and can be ended in one direction`, {
      *generator() {
        yield* use(start(), function* (server) {
          yield* use(open(server), function* ([reader, writer]) {
            expect(yield* ask(reader, writer, 'hello')).toBe('hello')
            expect(yield* ask(reader, writer, 'x'.repeat(60_000))).toHaveLength(60_000)
            expect(writer.canWriteEof()).toBe(true)
            writer.write('last')
            writer.writeEof()
            expect(String(yield* reader.read())).toBe('last')
            expect(reader.atEof()).toBe(true)
            expect(() => writer.write('more')).toThrow(ClosedResource)
          })
        })
      },
      async async() {
        await using server = await start()
        await using connection = await open(server)
        const [reader, writer] = connection
        expect(await askAsync(reader, writer, 'hello')).toBe('hello')
        expect(await askAsync(reader, writer, 'x'.repeat(60_000))).toHaveLength(60_000)
        writer.write('last')
        writer.writeEof()
        expect(String(await reader.read())).toBe('last')
        expect(reader.atEof()).toBe(true)
      },
    })
  }

  test('tells about itself', async () => {
    await run(async () => {
      await using server = await startServer(echo, HOST, 0, { tls: { cert, key } })
      await using connection = await openConnection(HOST, server.port, { tls: trusting })
      const [reader, writer] = connection
      expect(writer.getExtraInfo('peername')).toEqual({ address: HOST, port: server.port, family: 'IPv4' })
      expect(writer.getExtraInfo('sockname')).toMatchObject({ address: HOST })
      expect(writer.getExtraInfo('tlsVersion')).toBe('TLSv1.3')
      expect(writer.getExtraInfo('peercert')?.subject.CN).toBe('localhost')
      expect(writer.getExtraInfo('cipher')?.name).toMatch(/AES|CHACHA/)
      expect(writer.getExtraInfo('nonsense' as 'socket', 'fallback')).toBe('fallback')
      expect(String(server)).toBe(`<Server 127.0.0.1:${server.port} serving>`)
      expect(String(writer)).toBe('<StreamWriter open unsent=0>')
      expect(String(reader)).toBe('<StreamReader open bytes=0>')
    })
  })

  test('has no TLS to tell about where there is none', async () => {
    await run(async () => {
      await using server = await startServer(echo, HOST)
      await using connection = await openConnection(HOST, server.port)
      expect(connection[1].getExtraInfo('cipher')).toBe(undefined)
      expect(connection[1].getExtraInfo('peercert', null)).toBe(null)
    })
  })

  test('takes lines together, and none at all, also of a generator', async () => {
    await run(async () => {
      await using server = await startServer(echo, HOST)
      await using connection = await openConnection(HOST, server.port)
      const [reader, writer] = connection
      writer.writelines((function* (): Generator<string> {})())
      writer.writelines([])
      writer.writelines(['a\n', Buffer.from('b\n'), new Uint8Array([99, 10])])
      writer.writeEof()
      expect(String(await reader.read())).toBe('a\nb\nc\n')
    })
  })

  test('reads lines that come byte by byte', async () => {
    await run(async () => {
      const bytes = Buffer.from('first\r\nsecond\r\n')
      const trickle = async (_: StreamReader, writer: StreamWriter) => {
        for (const byte of bytes) {
          writer.write(Uint8Array.of(byte))
          await sleep(1)
        }
      }
      await using server = await startServer(trickle, HOST)
      await using connection = await openConnection(HOST, server.port)
      const lines: string[] = []
      for await (const line of connection[0]) lines.push(String(line))
      expect(lines).toEqual(['first\r\n', 'second\r\n'])
    })
  })

  test('makes the writer wait for a slow reader, and the reader hold back its socket', async () => {
    await run(function* () {
      const chunk = Buffer.alloc(64 * 1024, 'x')
      let sent = 0
      const flood = function* (_: StreamReader, writer: StreamWriter) {
        while (sent < 1000) {
          writer.write(chunk)
          yield* writer.drain()
          sent++
        }
      }
      yield* use(startServer(flood, HOST), function* (server) {
        yield* use(openConnection(HOST, server.port, { limit: 1024 }), function* ([reader, writer]) {
          yield* sleep(300)
          const stuckAt = sent
          expect(stuckAt).toBeLessThan(500)
          expect(String(reader)).toContain('paused')
          yield* sleep(100)
          expect(sent).toBe(stuckAt)
          let received = 0
          while (received < 1000 * chunk.length) received += (yield* reader.read(1 << 20)).length
          expect(sent).toBe(1000)
          writer.close()
        })
      })
    })
  })

  test('gives all that comes in its order, however often its socket is held back', async () => {
    const NUMBERS = 1_000_000
    const counting = function* (_: StreamReader, writer: StreamWriter) {
      for (let n = 0; n < NUMBERS; n += 10_000) {
        writer.write(new Uint8Array(Uint32Array.from({ length: 10_000 }, (_, i) => n + i).buffer))
        yield* writer.drain()
      }
    }
    await run(function* () {
      yield* use(startServer(counting, HOST), function* (server) {
        yield* use(openConnection(HOST, server.port, { limit: 4096 }), function* ([reader]) {
          let n = 0
          let timesHeld = 0
          for (let at = 0; n < NUMBERS; at++) {
            if (at % 100 === 0) yield* sleep(1)
            if (String(reader).includes('paused')) timesHeld++
            const bytes = yield* reader.readexactly(4_000)
            for (let i = 0; i < 4_000; i += 4)
              if (bytes.readUInt32LE(i) !== n++) throw new Error(`not ${n - 1}`)
          }
          expect((yield* reader.read()).length).toBe(0)
          expect(timesHeld).toBeGreaterThan(10)
        })
      })
    })
  })

  test('makes a new drain for everybody who waits at the same time', async () => {
    await run(function* () {
      yield* use(
        startServer((reader) => reader.read(), HOST),
        function* (server) {
          yield* use(openConnection(HOST, server.port), function* ([, writer]) {
            const [first, second] = [writer.drain(), writer.drain()]
            yield* first
            yield* second
            expect(String(yield* errorOf(() => first))).toContain('writer.drain() was awaited before')
            yield* writer.drain()
            for (let i = 0; i < 3; i++) {
              writer.write(Buffer.alloc(8 << 20))
              yield* wait([1, 2, 3].map(() => createTask(() => writer.drain())))
            }
            expect(writer.toString()).toContain('unsent=0')
          })
        },
      )
    })
  })

  test('wakes all that drain when it is lost, with its error', async () => {
    const { result } = await reporting(function* () {
      return yield* use(
        startServer(() => sleep(10_000), HOST, 0, { closeWithin: 0 }),
        function* (server) {
          const [, writer] = yield* openConnection(HOST, server.port)
          for (let i = 0; i < 200; i++) writer.write(Buffer.alloc(64 * 1024))
          const draining = [1, 2].map(() => createTask(() => writer.drain()))
          yield* sleep(50)
          expect(draining.map((task) => task.done())).toEqual([false, false])
          writer.getExtraInfo('socket')?.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
          yield* wait(draining)
          writer.write('dropped')
          return [...draining.map((task) => task.exception()), yield* errorOf(() => writer.waitClosed())]
        },
      )
    })
    expect(result).toMatchObject(Array(3).fill({ code: 'ECONNRESET' }))
  })

  test('sends what was written before it closes, and throws nothing as a resource', async () => {
    await run(function* () {
      let received = 0
      const count = function* (reader: StreamReader) {
        for (let chunk = yield* reader.read(65_536); chunk.length > 0; chunk = yield* reader.read(65_536)) {
          received += chunk.length
        }
      }
      yield* use(startServer(count, HOST), function* (server) {
        const [, writer] = yield* openConnection(HOST, server.port)
        writer.write(Buffer.alloc(3_000_000))
        writer.close()
        writer.close()
        expect(writer.isClosing()).toBe(true)
        yield* writer.waitClosed()
        yield* writer.waitClosed()
      })
      expect(received).toBe(3_000_000)
    })
  })
})

function* errorOf(body: () => PromiseLike<unknown> | Coroutine<unknown>): Coroutine<unknown> {
  try {
    const error = yield* use({ enter: body, exit: () => {} }, (value) => ({ value }))
    return error
  } catch (error) {
    return error
  }
}

describe('connecting', { timeout: 20_000 }, () => {
  test('where nobody listens throws the code of the system', async () => {
    const port = await unusedPort()
    await expect(run(() => openConnection(HOST, port))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(run(() => openConnection('localhost', port))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(run(() => openUnixConnection(join(folder, 'nobody')))).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })

  test('that is cancelled leaves no socket, at any time', async () => {
    const before = openFiles()
    await using proxy = await faultProxy({ target: { port: 1 }, faults: [{ kind: 'hang', probability: 1 }] })
    await run(function* () {
      for (let i = 0; i < 30; i++) {
        const tls = i % 2 === 0 ? trusting : false
        const opening = createTask(() => openConnection(HOST, proxy.port, { tls }))
        if (i % 3 > 0) yield* sleep(i % 3 === 1 ? 0 : i % 7)
        opening.cancel()
        const outcome = yield* errorOf(() => opening)
        if (!isCancelled(outcome)) (outcome as { value: Connection }).value[1].abort()
      }
    })
    await proxy.close()
    expect(await eventually(() => openFiles() <= before)).toBe(true)
  })

  test('by TLS to a server that is not trusted fails, and leaves nothing', async () => {
    await reporting(async () => {
      await using server = await startServer(echo, HOST, 0, { tls: { cert, key } })
      await expect(Promise.resolve(openConnection(HOST, server.port, { tls: true }))).rejects.toMatchObject({
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      })
    })
  })

  test('by TLS to a server without TLS fails', async () => {
    await reporting(async () => {
      const greet = (_: StreamReader, writer: StreamWriter) => writer.write('welcome\n')
      await using server = await startServer(greet, HOST)
      const opening = Promise.resolve(openConnection(HOST, server.port, { tls: trusting }))
      await expect(opening).rejects.toThrow(/wrong version number|EPROTO|packet length/i)
    })
  })
})

async function unusedPort(): Promise<number> {
  const server = createNetServer().listen(0, HOST)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('startTls', { timeout: 20_000 }, () => {
  /** Speaks in the clear until it is told to be secret, as mail servers do. */
  const cautious = (pauseMs: number) =>
    function* (reader: StreamReader, writer: StreamWriter): Coroutine {
      const hello = yield* reader.readline()
      writer.write(`plain ${hello}`)
      yield* sleep(pauseMs)
      yield* writer.startTls({ cert, key })
      yield* echo(reader, writer)
    }

  // With a pause, the client's handshake has come before the server begins: it must not be taken for plain text.
  test.each([0, 50])(
    'goes on secretly with the same reader and writer (server waits %i ms)',
    async (pause) => {
      await run(function* () {
        yield* use(startServer(cautious(pause), HOST), function* (server) {
          yield* use(openConnection(HOST, server.port), function* ([reader, writer]) {
            expect(yield* ask(reader, writer, 'hello')).toBe('plain hello')
            yield* writer.startTls(trusting)
            expect(writer.getExtraInfo('tlsVersion')).toBe('TLSv1.3')
            expect(yield* ask(reader, writer, 'secret')).toBe('secret')
            expect(yield* errorOf(() => writer.startTls(trusting))).toBeInstanceOf(InvalidStateError)
            writer.writeEof()
            expect(String(yield* reader.read())).toBe('')
          })
        })
      })
    },
  )

  test('does not take what was slipped in before for something secret', async () => {
    await reporting(function* () {
      const tampered = function* (reader: StreamReader, writer: StreamWriter): Coroutine {
        yield* reader.readline()
        writer.write('plain\nslipped in\n')
        yield* writer.startTls({ cert, key })
        yield* echo(reader, writer)
      }
      yield* use(startServer(tampered, HOST, 0, { closeWithin: 0 }), function* (server) {
        const [reader, writer] = yield* openConnection(HOST, server.port)
        expect(yield* ask(reader, writer, 'hello')).toBe('plain')
        const error = yield* errorOf(() => writer.startTls(trusting))
        expect(String(error)).toMatch(/wrong version number|EPROTO|packet length/i)
        yield* errorOf(() => writer.waitClosed())
      })
    })
  })

  test('that is cancelled closes the connection', async () => {
    await reporting(function* () {
      const silent = (reader: StreamReader) => reader.read()
      yield* use(startServer(silent, HOST), function* (server) {
        const [reader, writer] = yield* openConnection(HOST, server.port)
        expect(yield* moveOnAfter(50, () => writer.startTls(trusting))).toBe(undefined)
        yield* errorOf(() => writer.waitClosed())
        expect(yield* errorOf(() => reader.read())).toBeInstanceOf(BrokenResource)
        expect(writer.isClosing()).toBe(true)
      })
    })
  })
})

describe('a server', { timeout: 20_000 }, () => {
  test('runs each connection in a task of its own, in a copy of the variables of whoever started it', async () => {
    const name = new ContextVar<string>('name')
    await run(async () => {
      name.set('outer')
      const tasks = new Set<unknown>()
      await using server = await startServer(async (reader, writer) => {
        tasks.add(currentTask())
        const line = await reader.readline()
        writer.write(`${name.get()} `)
        name.set(line.toString().trim())
        writer.write(`${name.get()}\n`)
      }, HOST)
      for (const word of ['a', 'b']) {
        await using connection = await openConnection(HOST, server.port)
        expect(await askAsync(connection[0], connection[1], word)).toBe(`outer ${word}`)
      }
      expect(tasks.size).toBe(2)
    })
  })

  test('reports the error of a handler, closes its connection, and serves the others', async () => {
    const { reports } = await reporting(function* () {
      const touchy = function* (reader: StreamReader, writer: StreamWriter) {
        const line = yield* reader.readline()
        writer.write(line)
        if (String(line) === 'bad\n') throw new RangeError('bad line')
        yield* reader.readline()
      }
      yield* use(startServer(touchy, HOST), function* (server) {
        yield* use(openConnection(HOST, server.port), function* ([other, otherWriter]) {
          yield* ask(other, otherWriter, 'good')
          const [reader, writer] = yield* openConnection(HOST, server.port)
          expect(yield* ask(reader, writer, 'bad')).toBe('bad')
          expect((yield* reader.read()).length).toBe(0)
          writer.close()
          otherWriter.write('still here\n')
          expect((yield* other.read()).length).toBe(0)
          expect(server.isServing()).toBe(true)
        })
      })
    })
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({ exception: new RangeError('bad line') })
  })

  inBothSpellings('that is closed waits for its connections', {
    *generator() {
      const server = yield* startServer(echo, HOST)
      const [reader, writer] = yield* openConnection(HOST, server.port)
      yield* ask(reader, writer, 'hello')
      server.close()
      server.close()
      expect(server.isServing()).toBe(false)
      expect(server.sockets).toEqual([])
      const waiting = createTask(() => server.waitClosed())
      expect(yield* ask(reader, writer, 'still')).toBe('still')
      expect(waiting.done()).toBe(false)
      writer.close()
      yield* waiting
      yield* server.waitClosed()
      expect(String(server)).toBe('<Server gone>')
    },
    async async() {
      const server = await startServer(echoAsync, HOST)
      const [reader, writer] = await openConnection(HOST, server.port)
      await askAsync(reader, writer, 'hello')
      server.close()
      const waiting = createTask(() => server.waitClosed())
      expect(await askAsync(reader, writer, 'still')).toBe('still')
      expect(waiting.done()).toBe(false)
      writer.close()
      await waiting
    },
  })

  test('cancels the connections that are left at the deadline, and lets them clean up', async () => {
    await run(function* () {
      const log: string[] = []
      const stay = function* (reader: StreamReader) {
        try {
          yield* reader.read()
        } finally {
          yield* sleep(20)
          log.push('cleaned up')
        }
      }
      const server = yield* startServer(stay, HOST)
      const [reader] = yield* openConnection(HOST, server.port)
      yield* sleep(20)
      server.close()
      const loop = getRunningLoop()
      const before = loop.time()
      yield* server.waitClosed({ within: 50 })
      expect(log).toEqual(['cleaned up'])
      expect(loop.time() - before).toBeLessThan(10_000)
      expect((yield* reader.read()).length).toBe(0)
    })
  })

  test('accepts none from the moment it is cancelled, though its connections still clean up', async () => {
    let late: Promise<unknown> | undefined
    await run(function* () {
      const stay = function* (reader: StreamReader) {
        try {
          yield* reader.read()
        } finally {
          yield* sleep(50)
        }
      }
      const { port } = yield* startServer(stay, HOST)
      yield* openConnection(HOST, port)
      yield* sleep(20)
      const connectLate = () => run(() => openConnection(HOST, port))
      late = new Promise((resolve) => setTimeout(resolve, 20)).then(connectLate).catch((error) => error)
    })
    expect(await late).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('closes a connection whose handler was cancelled before its start', async () => {
    const createChild = TaskGroup.prototype.createTask
    const spy = vi.spyOn(TaskGroup.prototype, 'createTask')
    const client = await run(function* () {
      const server = yield* startServer(() => expect.unreachable(), HOST)
      const task = [...allTasks()].find((task) => task.getName() === 'server')
      spy.mockImplementation(function (this: TaskGroup, ...args) {
        task?.cancel()
        return createChild.apply(this, args)
      })
      const [reader, writer] = yield* openConnection(HOST, server.port)
      expect((yield* reader.read()).length).toBe(0)
      return writer.getExtraInfo('socket')
    })
    spy.mockRestore()
    expect(await eventually(() => client?.closed === true)).toBe(true)
  })

  test('ends with the run, connections and all', async () => {
    const log: string[] = []
    let client: Socket | undefined
    await run(function* () {
      const stay = function* (reader: StreamReader) {
        try {
          yield* reader.read()
        } finally {
          log.push('cancelled')
        }
      }
      const server = yield* startServer(stay, HOST)
      const [, writer] = yield* openConnection(HOST, server.port)
      client = writer.getExtraInfo('socket')
      yield* sleep(30)
    })
    expect(log).toEqual(['cancelled'])
    expect(client?.destroyed).toBe(true)
  })

  inBothSpellings('serves for ever, until it is closed or cancelled', {
    *generator() {
      const server = yield* startServer(echo, HOST)
      const serving = createTask(() => server.serveForever())
      yield* sleep(10)
      expect(serving.done()).toBe(false)
      server.close()
      yield* serving
      expect(yield* errorOf(() => server.serveForever())).toBeInstanceOf(InvalidStateError)

      const other = yield* startServer(echo, HOST)
      const cancelled = createTask(() => other.serveForever())
      yield* sleep(10)
      cancelled.cancel()
      expect(isCancelled(yield* errorOf(() => cancelled))).toBe(true)
      expect(other.isServing()).toBe(false)
    },
    async async() {
      const server = await startServer(echoAsync, HOST)
      const result = await moveOnAfter(30, async () => {
        await server.serveForever()
        return 'never'
      })
      expect(result).toBe(undefined)
      expect(server.isServing()).toBe(false)
    },
  })

  test('says so where the port is taken', async () => {
    await run(async () => {
      await using server = await startServer(echo, HOST)
      await expect(Promise.resolve(startServer(echo, HOST, server.port))).rejects.toMatchObject({
        code: 'EADDRINUSE',
      })
    })
  })

  test('hangs up at once on whoever has not finished the handshake when it is closed', async () => {
    await run(function* () {
      const server = yield* startServer(echo, HOST, 0, { tls: { cert, key } })
      const [reader, writer] = yield* openConnection(HOST, server.port)
      yield* sleep(30)
      server.close()
      yield* timeout(1000, () => server.waitClosed())
      yield* errorOf(() => reader.read())
      writer.close()
    })
  })

  test('lets the connections that have shaken hands go on when it is closed', async () => {
    await run(function* () {
      const asked = new Event()
      const answer = async (reader: StreamReader, writer: StreamWriter) => {
        await reader.readline()
        asked.set()
        await sleep(30)
        writer.write('answer\n')
        await writer.drain()
      }
      const server = yield* startServer(answer, HOST, 0, { tls: { cert, key } })
      const [reader, writer] = yield* openConnection(HOST, server.port, { tls: trusting })
      writer.write('question\n')
      yield* asked.wait()
      server.close()
      expect(String(yield* reader.readline())).toBe('answer\n')
      writer.close()
      yield* server.waitClosed()
    })
  })

  test('replaces the socket file of a server that is gone, and not that of one that serves', async () => {
    const path = join(folder, 'stale')
    await run(async () => {
      await using _ = await startUnixServer(echo, path)
      await expect(Promise.resolve(startUnixServer(echo, path))).rejects.toMatchObject({ code: 'EADDRINUSE' })
    })
    await leaveStaleSocket(path)
    await run(async () => {
      await using server = await startUnixServer(echo, path)
      expect(server.sockets).toEqual([{ path }])
      await using connection = await openUnixConnection(path)
      expect(await askAsync(connection[0], connection[1], 'hi')).toBe('hi')
    })
    writeFileSync(path, 'no socket')
    await expect(run(() => startUnixServer(echo, path))).rejects.toBeInstanceOf(Error)
  })

  test('refuses a handler that is none', () => {
    expect(() => startServer(undefined as never, HOST)).toThrow(TypeError)
    expect(() => startServer(echo, HOST, 0, { closeWithin: Number.NaN })).toThrow(RangeError)
  })
})

async function leaveStaleSocket(path: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  const child = spawn(process.execPath, ['-e', script])
  await new Promise((resolve) => child.once('exit', resolve))
}

describe('through a proxy', { timeout: 60_000 }, () => {
  const request = 'GET /a HTTP/1.1\r\nhost: x\r\n\r\n'

  test('a request that is reset at any point ends its connection alone', async () => {
    const { reports } = await reporting(function* () {
      const outcomes: string[] = []
      const handler = function* (reader: StreamReader, writer: StreamWriter) {
        try {
          yield* reader.readuntil('\r\n\r\n')
          writer.write('answer\n')
          yield* reader.readline()
        } catch (error) {
          outcomes.push((error as { code: string }).code)
          throw error
        }
        outcomes.push('ended')
      }
      yield* use(startServer(handler, HOST), function* (server) {
        const proxy = yield* call(() => faultProxy({ target: { port: server.port } }))
        yield* use(proxy, function* () {
          for (let n = 0; n <= request.length; n++) {
            const [, writer] = yield* openConnection(HOST, proxy.port)
            writer.write(request.slice(0, n))
            yield* sleep(3)
            writer.getExtraInfo('socket')?.resetAndDestroy()
          }
          yield* sleep(50)
          const [reader, writer] = yield* openConnection(HOST, proxy.port)
          writer.write(request)
          expect(String(yield* reader.readline())).toBe('answer\n')
          writer.close()
        })
      })
      expect(outcomes.filter((code) => code !== 'ECONNRESET')).toEqual(['ended'])
      expect(outcomes.length).toBeGreaterThan(request.length)
    })
    expect(reports.length).toBeGreaterThan(request.length)
    for (const { exception } of reports) expect(exception).toMatchObject({ code: 'ECONNRESET' })
  })

  test('an answer that is reset at any point is an error, behind what came before it', async () => {
    await reporting(function* () {
      const answer = 'one\ntwo\nthree\n'
      const handler = function* (reader: StreamReader, writer: StreamWriter) {
        const count = Number(yield* reader.readline())
        writer.write(answer.slice(0, count))
        yield* sleep(20)
        writer.getExtraInfo('socket')?.resetAndDestroy()
      }
      yield* use(startServer(handler, HOST), function* (server) {
        const proxy = yield* call(() => faultProxy({ target: { port: server.port } }))
        yield* use(proxy, function* () {
          for (let n = 0; n <= answer.length; n++) {
            const [reader, writer] = yield* openConnection(HOST, proxy.port)
            writer.write(`${n}\n`)
            const lines: string[] = []
            const error = yield* errorOf(() => forEach(reader, (line) => void lines.push(String(line))))
            expect(error).toMatchObject({ code: 'ECONNRESET' })
            expect(lines.join('')).toBe(answer.slice(0, answer.slice(0, n).lastIndexOf('\n') + 1))
            const rest = n - lines.join('').length
            if (rest > 0) expect(yield* reader.read(100)).toHaveLength(rest)
            writer.close()
          }
        })
      })
    })
  })

  test('a peer that ends in the middle of a frame is an IncompleteReadError', async () => {
    await run(function* () {
      const half = function* (_: StreamReader, writer: StreamWriter) {
        writer.write('1234')
      }
      yield* use(startServer(half, HOST), function* (server) {
        yield* use(openConnection(HOST, server.port), function* ([reader]) {
          const error = yield* errorOf(() => reader.readexactly(10))
          expect(error).toBeInstanceOf(IncompleteReadError)
        })
      })
    })
  })

  test('a peer that hangs is given up in time', async () => {
    await using proxy = await faultProxy({ target: { port: 1 }, faults: [{ kind: 'hang', probability: 1 }] })
    await run(function* () {
      const hanging = () =>
        use(openConnection(HOST, proxy.port), ([reader, writer]) => {
          writer.write('anybody?\n')
          return reader.readline()
        })
      expect(yield* errorOf(() => timeout(100, hanging))).toBeInstanceOf(TimeoutError)
    })
  })
})

describe('a thousand connections, cancelled at random', { timeout: 60_000 }, () => {
  test.each([1, 2])('leave nothing (seed %i)', async (seed) => {
    const random = seeded(seed)
    const before = openFiles()
    let completed = 0
    const options = { closeWithin: 200 }
    const start = () =>
      seed === 1 ? startServer(echo, HOST, 0, options) : startServer(echoAsync, HOST, 0, options)
    const { reports } = await reporting(function* () {
      yield* use(start(), function* (server) {
        const client = function* () {
          yield* use(openConnection(HOST, server.port), function* ([reader, writer]) {
            for (let i = 0; i < 5; i++) {
              yield* ask(reader, writer, 'x'.repeat(random() * 2000))
              if (random() < 0.3) yield* sleep(random() * 3)
            }
            completed++
          })
        }
        for (let round = 0; round < 10; round++) {
          yield* taskGroup(function* (group) {
            const tasks = Array.from({ length: 100 }, () => group.createTask(client))
            for (const task of tasks) {
              if (random() < 0.4) yield* sleep(random() * 2)
              if (random() < 0.6) task.cancel()
            }
          })
        }
      })
    })
    for (const { exception } of reports) expect(exception).toMatchObject({ code: /ECONNRESET|EPIPE/ })
    expect(completed).toBeGreaterThan(100)
    expect(await eventually(() => openFiles() <= before)).toBe(true)
  })
})
