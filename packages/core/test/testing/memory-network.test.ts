import { type Coroutine, createTask, forEach, gather, sleep, taskGroup, use } from 'polvo'
import { explore, memoryNetwork, memoryStreamPair, runVirtual } from 'polvo/testing'
import { describe, expect, test } from 'vitest'
import { now } from '../support/here.ts'
import { bothSpellings } from '../support/traces.ts'

const text = (bytes: unknown) => String(bytes)

describe('memoryStreamPair()', () => {
  bothSpellings('carries bytes both ways, after the latency', ['hello at 30', 'you too at 60'], {
    *generator(print) {
      const [[reader, writer], [farReader, farWriter]] = memoryStreamPair({ latency: 30 })
      writer.write('hello\n')
      print(text(yield* farReader.readline()).trim(), 'at', now())
      farWriter.write('you too\n')
      print(text(yield* reader.readline()).trim(), 'at', now())
    },
    async async(print) {
      const [[reader, writer], [farReader, farWriter]] = memoryStreamPair({ latency: 30 })
      writer.write('hello\n')
      print(text(await farReader.readline()).trim(), 'at', now())
      farWriter.write('you too\n')
      print(text(await reader.readline()).trim(), 'at', now())
    },
  })

  test('delivers in pieces of a byte, and what is written later comes later', async () => {
    await runVirtual(function* () {
      const [[, writer], [reader]] = memoryStreamPair({ chunk: 1, latency: [1, 50] })
      writer.write('ab')
      writer.write('cd')
      writer.writeEof()
      const pieces: string[] = []
      for (let piece = yield* reader.read(100); piece.length > 0; piece = yield* reader.read(100)) {
        pieces.push(text(piece))
      }
      expect(pieces).toEqual(['a', 'b', 'c', 'd'])
    })
  })

  test('is the same with the same seed, and another with another', async () => {
    const timesOf = (seed: number) =>
      runVirtual(function* () {
        const [[, writer], [reader]] = memoryStreamPair({ latency: [0, 100], chunk: [1, 5], seed })
        const times: number[] = []
        for (let i = 0; i < 5; i++) {
          writer.write('12345\n')
          yield* reader.readline()
          times.push(now())
        }
        return times
      })
    expect(await timesOf(1)).toEqual(await timesOf(1))
    expect(await timesOf(1)).not.toEqual(await timesOf(2))
  })

  test('ends in one direction, and goes on in the other', async () => {
    await runVirtual(function* () {
      const [[reader, writer], [farReader, farWriter]] = memoryStreamPair()
      writer.write('question')
      writer.writeEof()
      expect(text(yield* farReader.read())).toBe('question')
      farWriter.write('answer')
      farWriter.writeEof()
      expect(text(yield* reader.read())).toBe('answer')
      yield* writer.waitClosed()
      yield* farWriter.waitClosed()
    })
  })

  test('sends what was written before it closes; what comes then resets', async () => {
    await runVirtual(function* () {
      const [[, writer], [farReader, farWriter]] = memoryStreamPair({ latency: 5 })
      writer.write('last words')
      writer.close()
      yield* writer.waitClosed()
      expect(text(yield* farReader.read())).toBe('last words')
      farWriter.write('too late')
      yield* sleep(10)
      let error: unknown
      try {
        yield* farWriter.waitClosed()
      } catch (reset) {
        error = reset
      }
      expect(error).toMatchObject({ code: 'ECONNRESET' })
    })
  })

  test('drops what is unsent when it is aborted', async () => {
    await runVirtual(function* () {
      const [[, writer], [farReader]] = memoryStreamPair({ latency: 5 })
      writer.write('never')
      writer.abort()
      yield* writer.waitClosed()
      expect(text(yield* farReader.read())).toBe('')
    })
  })

  test('has writers wait for readers that do not keep up', async () => {
    await runVirtual(function* () {
      const [[, writer], [reader]] = memoryStreamPair({ limit: 1000, chunk: 500 })
      let written = 0
      const writing = createTask(function* () {
        for (; written < 100; written++) {
          writer.write(Buffer.alloc(10_000))
          yield* writer.drain()
        }
        writer.writeEof()
      })
      yield* sleep(1000)
      expect(written).toBeLessThan(10)
      let read = 0
      for (let piece = yield* reader.read(777); piece.length > 0; piece = yield* reader.read(777)) {
        read += piece.length
      }
      expect(read).toBe(1_000_000)
      yield* writing
    })
  })

  test('is lost after so many bytes, or when it is told to', async () => {
    await runVirtual(function* () {
      const [[, writer], [reader]] = memoryStreamPair({ loseAfter: 3, chunk: 1 })
      writer.write('abcdef')
      expect(text(yield* reader.readexactly(3))).toBe('abc')
      let error: unknown
      try {
        yield* reader.read(1)
      } catch (lost) {
        error = lost
      }
      expect(error).toMatchObject({ code: 'ECONNRESET' })
      const pair = memoryStreamPair()
      pair.lose(new RangeError('cut'))
      pair.lose()
      for (const [, end] of pair) {
        try {
          yield* end.waitClosed()
          expect.unreachable()
        } catch (lost) {
          expect(lost).toMatchObject({ message: 'cut' })
        }
      }
    })
  })

  test('knows its addresses', async () => {
    await runVirtual(function* () {
      const [[, writer], [, far]] = memoryStreamPair()
      expect(writer.getExtraInfo('peername')).toEqual(far.getExtraInfo('sockname'))
    })
  })

  test.each([
    [{ latency: -1 }, 'latency'],
    [{ latency: [5, 1] as const }, 'latency'],
    [{ chunk: 0 }, 'chunk'],
    [{ chunk: 1.5 }, 'chunk'],
    [{ loseAfter: -1 }, 'loseAfter'],
    [{ seed: 0.5 }, 'seed'],
  ])('refuses %j', async (options, name) => {
    await expect(runVirtual(async () => memoryStreamPair(options))).rejects.toThrow(name)
    await expect(runVirtual(async () => memoryNetwork(options))).rejects.toThrow(name)
  })
})

describe('memoryNetwork()', () => {
  bothSpellings('has servers and clients', ['HELLO', 'WORLD', 'gone'], {
    *generator(print) {
      const network = memoryNetwork({ latency: [1, 20], chunk: 1 })
      const server = network.startServer(function* (reader, writer) {
        yield* forEach(reader, (line) => writer.write(text(line).toUpperCase()))
      })
      yield* use(network.openConnection('127.0.0.1', server.port), function* ([reader, writer]) {
        for (const word of ['hello', 'world']) {
          writer.write(`${word}\n`)
          print(text(yield* reader.readline()).trim())
        }
      })
      server.close()
      yield* server.waitClosed()
      print('gone')
    },
    async async(print) {
      const network = memoryNetwork({ latency: [1, 20], chunk: 1 })
      await using server = network.startServer(async (reader, writer) => {
        for await (const line of reader) writer.write(text(line).toUpperCase())
      })
      {
        await using connection = await network.openConnection('127.0.0.1', server.port)
        const [reader, writer] = connection
        for (const word of ['hello', 'world']) {
          writer.write(`${word}\n`)
          print(text(await reader.readline()).trim())
        }
      }
      server.close()
      await server.waitClosed()
      print('gone')
    },
  })

  test('refuses where nobody listens, and a second server at a place', async () => {
    await runVirtual(async () => {
      const network = memoryNetwork()
      await expect(network.openConnection('db', 5432).then()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      const server = network.startServer(() => {}, 'db', 5432)
      expect(() => network.startServer(() => {}, 'db', 5432)).toThrow('EADDRINUSE')
      server.close()
      await server.waitClosed()
      await expect(network.openConnection('db', 5432).then()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    })
  })

  test('cancels connections that are open too long after the server was closed', async () => {
    await runVirtual(async () => {
      const network = memoryNetwork()
      let ended = ''
      const server = network.startServer(async () => {
        try {
          await sleep(100_000)
        } finally {
          ended = `at ${now()}`
        }
      })
      const [reader] = await network.openConnection('127.0.0.1', server.port)
      await sleep(1)
      server.close()
      await server.waitClosed()
      expect(ended).toBe('at 3001')
      expect(text(await reader.read())).toBe('')
    })
  })

  test('loses all connections at once, and reports errors of handlers', async () => {
    await runVirtual(async () => {
      const network = memoryNetwork()
      const server = network.startServer(async (reader) => {
        await reader.readline().then(undefined, () => {})
      })
      const connections = await gather(
        network.openConnection('127.0.0.1', server.port),
        network.openConnection('127.0.0.1', server.port),
      )
      network.loseAll()
      for (const [reader] of connections) {
        await expect(reader.read().then()).rejects.toMatchObject({ code: 'ECONNRESET' })
      }
      server.close()
      await server.waitClosed()
    })
  })

  test('does the same under every schedule', async () => {
    await explore(
      function* (): Coroutine {
        const network = memoryNetwork({ chunk: 1, latency: [0, 3] })
        const server = network.startServer(function* (reader, writer) {
          yield* forEach(reader, function* (line) {
            writer.write(line)
            yield* writer.drain()
          })
        })
        yield* taskGroup((group) => {
          for (const word of ['one\n', 'two\n', 'three\n']) {
            group.createTask(function* () {
              yield* use(network.openConnection('127.0.0.1', server.port), function* ([reader, writer]) {
                writer.write(word)
                writer.writeEof()
                const answer = text(yield* reader.read())
                if (answer !== word) throw new Error(`${answer} for ${word}`)
              })
            })
          }
        })
        server.close()
        yield* server.waitClosed()
      },
      { runs: 50 },
    )
  })
})
