/** The reader by itself, fed by hand; with sockets see test/real/streams.test.ts. */
import {
  createTask,
  forEach,
  IncompleteReadError,
  InvalidStateError,
  LimitOverrunError,
  run,
  sleep,
} from 'polvo'
import { StreamReader } from 'polvo/node'
import { describe, expect, test } from 'vitest'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { seeded } from '../support/random.ts'
import { bothSpellings } from '../support/traces.ts'

function fed(text: string, limit?: number): StreamReader {
  const reader = new StreamReader({ limit })
  reader.feedData(Buffer.from(text))
  return reader
}

function ended(text: string, limit?: number): StreamReader {
  const reader = fed(text, limit)
  reader.feedEof()
  return reader
}

class Reset extends Error {
  override name = 'Reset'
}

function failed(text: string): StreamReader {
  const reader = fed(text)
  reader.setException(new Reset('gone'))
  return reader
}

const errorOf = (reading: () => PromiseLike<unknown>): Promise<unknown> =>
  run(async () => {
    try {
      return await reading()
    } catch (error) {
      return error
    }
  })

for (const [name, shown, make] of [
  ['read', 'reader.read(3)', () => fed('abc').read(3)],
  ['read to the end', 'reader.read()', () => ended('abc').read()],
  ['readline', 'reader.readline()', () => fed('a\n').readline()],
  ['readexactly', 'reader.readexactly(1)', () => fed('abc').readexactly(1)],
  ['readuntil', 'reader.readuntil()', () => fed('a;').readuntil(';')],
  ['next', 'reader.next()', () => fed('a\n').next()],
] as const) {
  describe(name, () => keepsTheOperationContract(shown, make))
}

describe('reading', () => {
  bothSpellings(
    'gives lines, exact counts and what has come',
    ['one', 'tw', 'o', 'three;', 'rest', '', 'true'],
    {
      *generator(print) {
        const reader = ended('one\ntwo\nthree;rest')
        print((yield* reader.readline()).toString().trim())
        print(yield* reader.readexactly(2))
        print((yield* reader.readline()).toString().trim())
        print(yield* reader.readuntil(';'))
        print(yield* reader.read(100))
        print(yield* reader.read(100))
        print(reader.atEof())
      },
      async async(print) {
        const reader = ended('one\ntwo\nthree;rest')
        print((await reader.readline()).toString().trim())
        print(await reader.readexactly(2))
        print((await reader.readline()).toString().trim())
        print(await reader.readuntil(';'))
        print(await reader.read(100))
        print(await reader.read(100))
        print(reader.atEof())
      },
    },
  )

  bothSpellings('goes through the lines, the last one without its end', ['a', 'b', 'end'], {
    *generator(print) {
      yield* forEach(ended('a\nb'), (line) => print(line.toString().trim()))
      print('end')
    },
    async async(print) {
      for await (const line of ended('a\nb')) print(line.toString().trim())
      print('end')
    },
  })

  test('is no checkpoint where what is wanted has come', async () => {
    await run(function* () {
      const passes = passCounter()
      const reader = fed('line\nabcdef')
      yield* reader.readline()
      yield* reader.read(1)
      yield* reader.readexactly(1)
      yield* reader.readuntil('d')
      expect(passes()).toBe(0)
    })
  })

  test('wakes its task once, when the line is whole, however many the chunks', async () => {
    await run(function* () {
      const reader = new StreamReader()
      const reading = createTask(function* () {
        return yield* reader.readline()
      })
      yield* sleep(0)
      for (const byte of 'hello') {
        reader.feedData(Buffer.from(byte))
        yield* sleep(0)
        expect(reading.done()).toBe(false)
      }
      reader.feedData(Buffer.from('\nnext'))
      expect(String(yield* reading)).toBe('hello\n')
      expect(String(yield* reader.read(10))).toBe('next')
    })
  })

  test('that is cancelled has taken nothing, before and after it was woken', async () => {
    await run(function* () {
      const reader = fed('begin')
      for (const feedFirst of [false, true]) {
        const reading = createTask(function* () {
          return yield* reader.readline()
        })
        yield* sleep(0)
        if (feedFirst) reader.feedData(Buffer.from(' end\n'))
        reading.cancel()
        yield* sleep(0)
        yield* sleep(0)
        expect(reading.cancelled()).toBe(true)
      }
      expect(String(yield* reader.readline())).toBe('begin end\n')
    })
  })

  test('to the end that is cancelled keeps what has come', async () => {
    await run(function* () {
      const reader = fed('abc')
      const reading = createTask(function* () {
        return yield* reader.read()
      })
      yield* sleep(0)
      reader.feedData(Buffer.from('def'))
      reading.cancel()
      yield* sleep(0)
      reader.feedEof()
      expect(String(yield* reader.read())).toBe('abcdef')
    })
  })

  test('by two tasks at once is refused, and the first goes on', async () => {
    await run(function* () {
      const reader = new StreamReader()
      const first = createTask(function* () {
        return yield* reader.readline()
      })
      yield* sleep(0)
      expect(() => reader.read(1)[Symbol.iterator]().next()).toThrow(InvalidStateError)
      expect(() => reader.read(1)[Symbol.iterator]().next()).toThrow(
        /reader\.read\(1\).*while another task waits in reader\.readline\(\)/,
      )
      reader.feedData(Buffer.from('x\n'))
      expect(String(yield* first)).toBe('x\n')
    })
  })

  test.each([
    ['read', (r: StreamReader) => r.read(1.5)],
    ['readexactly', (r: StreamReader) => r.readexactly(-1)],
    ['readuntil', (r: StreamReader) => r.readuntil('')],
    ['readuntil', (r: StreamReader) => r.readuntil([])],
  ])('refuses what %s cannot read', (_, read) => {
    expect(() => read(new StreamReader())).toThrow(RangeError)
  })

  test('refuses a limit that is none, and separators that are neither text nor bytes', () => {
    expect(() => new StreamReader({ limit: 0 })).toThrow(RangeError)
    expect(() => new StreamReader().readuntil(7 as never)).toThrow(TypeError)
  })

  test('of no bytes does not wait', async () => {
    const texts = await run(async () => [
      await new StreamReader().read(0),
      await new StreamReader().readexactly(0),
    ])
    expect(texts.map(String)).toEqual(['', ''])
  })
})

describe('several separators', () => {
  test.each([
    ['a|b;c', ['|', ';'], 'a|'],
    ['a;b|c', ['|', ';'], 'a;'],
    ['line\r\nrest', ['\n', '\r\n'], 'line\r\n'],
    ['line\nrest', ['\n', '\r\n'], 'line\n'],
    ['xaab', ['aab', 'aa'], 'xaa'],
  ])('%j by %j gives %j, up to the one that ends first', async (text, separators, expected) => {
    expect(String(await run(() => fed(text).readuntil(separators)))).toBe(expected)
  })

  test('are found across chunks of one byte', async () => {
    await run(function* () {
      const reader = new StreamReader()
      const reading = createTask(function* () {
        return yield* reader.readuntil(['-->', '\r\n'])
      })
      yield* sleep(0)
      for (const byte of 'a--b-->c') reader.feedData(Buffer.from(byte))
      expect(String(yield* reading)).toBe('a--b-->')
    })
  })
})

describe('the end', () => {
  test('within an exact count gives what there was, and takes it', async () => {
    const reader = ended('abc')
    const error = await errorOf(() => reader.readexactly(10))
    expect(error).toBeInstanceOf(IncompleteReadError)
    expect(error).toMatchObject({ code: 'POLVO_INCOMPLETE_READ', expected: 10, partial: Buffer.from('abc') })
    expect(reader.atEof()).toBe(true)
  })

  test('before a separator gives what there was', async () => {
    const error = await errorOf(() => ended('abc').readuntil(';'))
    expect(error).toMatchObject({
      name: 'IncompleteReadError',
      expected: undefined,
      partial: Buffer.from('abc'),
    })
  })

  test('makes a line of what there was, and no line of nothing', async () => {
    const reader = ended('abc')
    expect(String(await run(() => reader.readline()))).toBe('abc')
    expect(String(await run(() => reader.readline()))).toBe('')
  })

  test('takes no more bytes', async () => {
    const reader = ended('abc')
    reader.feedData(Buffer.from('def'))
    reader.setException(new Reset())
    expect(String(await run(() => reader.read()))).toBe('abc')
    expect(reader.exception()).toBe(null)
  })
})

describe('an error', () => {
  test('comes after what came before it', async () => {
    const reader = failed('one\ntwo')
    expect(String(await run(() => reader.readline()))).toBe('one\n')
    expect(await errorOf(() => reader.readline())).toBeInstanceOf(Reset)
    expect(String(await run(() => reader.read(10)))).toBe('two')
    expect(await errorOf(() => reader.read(10))).toBeInstanceOf(Reset)
    expect(reader.exception()).toBeInstanceOf(Reset)
  })

  test.each([
    ['read', (r: StreamReader) => r.read()],
    ['readexactly', (r: StreamReader) => r.readexactly(5)],
    ['readuntil', (r: StreamReader) => r.readuntil()],
    ['next', (r: StreamReader) => r.next()],
  ])('is thrown by %s, which takes nothing', async (_, read) => {
    const reader = failed('abc')
    expect(await errorOf(() => read(reader))).toBeInstanceOf(Reset)
    expect(String(await run(() => reader.read(3)))).toBe('abc')
  })

  test('wakes who waits', async () => {
    await run(function* () {
      const reader = new StreamReader()
      const reading = createTask(function* () {
        return yield* reader.readline()
      })
      yield* sleep(0)
      reader.setException(new Reset())
      yield* sleep(0)
      yield* sleep(0)
      expect(reading.exception()).toBeInstanceOf(Reset)
    })
  })
})

describe('the limit', () => {
  test('stops readuntil with a separator, and leaves everything in place', async () => {
    const reader = fed('0123456789\nrest', 8)
    const error = await errorOf(() => reader.readuntil())
    expect(error).toBeInstanceOf(LimitOverrunError)
    expect(error).toMatchObject({ code: 'POLVO_LIMIT_OVERRUN', consumed: 10 })
    expect(String(await run(() => reader.readexactly(11)))).toBe('0123456789\n')
  })

  test('stops readuntil without a separator, once more than the limit has come', async () => {
    await run(function* () {
      const reader = new StreamReader({ limit: 8 })
      const reading = createTask(function* () {
        return yield* reader.readuntil()
      })
      yield* sleep(0)
      reader.feedData(Buffer.from('12345678'))
      yield* sleep(0)
      expect(reading.done()).toBe(false)
      reader.feedData(Buffer.from('9'))
      yield* sleep(0)
      yield* sleep(0)
      expect(reading.exception()).toMatchObject({ consumed: 9 })
    })
  })

  test('is met by a line of just that length', async () => {
    expect(String(await run(() => fed('12345678\n', 8).readline()))).toBe('12345678\n')
  })

  test('has readline throw the long line away, and go on behind it', async () => {
    const reader = fed('0123456789\nnext\n', 8)
    expect(await errorOf(() => reader.readline())).toBeInstanceOf(LimitOverrunError)
    expect(String(await run(() => reader.readline()))).toBe('next\n')
  })

  test('has readline throw away what has come of a line without end', async () => {
    const reader = fed('0123456789', 8)
    expect(await errorOf(() => reader.readline())).toBeInstanceOf(LimitOverrunError)
    expect(reader.toString()).toBe('<StreamReader open bytes=0>')
  })

  test('does not hold for exact counts', async () => {
    expect((await run(() => fed('x'.repeat(100), 8).readexactly(100))).length).toBe(100)
  })
})

describe('back-pressure', () => {
  class Source {
    paused = false
    pauses = 0
    pause() {
      this.paused = true
      this.pauses++
    }
    resume() {
      this.paused = false
    }
  }

  function readerOf(source: Source): StreamReader {
    const reader = new StreamReader({ limit: 4 })
    reader._setSource(source)
    return reader
  }

  test('pauses the source above twice the limit, and lets it go on at the limit', async () => {
    const source = new Source()
    const reader = readerOf(source)
    reader.feedData(Buffer.from('12345678'))
    expect(source.paused).toBe(false)
    reader.feedData(Buffer.from('9'))
    expect(source.paused).toBe(true)
    await run(() => reader.read(4))
    expect(source.paused).toBe(true)
    await run(() => reader.read(1))
    expect(source.paused).toBe(false)
  })

  test('does not pause while a read waits for more', async () => {
    await run(function* () {
      const source = new Source()
      const reader = readerOf(source)
      reader.feedData(Buffer.from('123456789'))
      const reading = createTask(function* () {
        return yield* reader.readexactly(50)
      })
      yield* sleep(0)
      expect(source.paused).toBe(false)
      for (let i = 0; i < 10; i++) reader.feedData(Buffer.from('123456789'))
      expect((yield* reading).length).toBe(50)
      expect(source).toMatchObject({ paused: true })
      expect(source.pauses).toBeLessThan(4)
    })
  })
})

test.each([1, 2, 3, 4])('lines come out as they went in, however they are cut (seed %i)', async (seed) => {
  const random = seeded(seed)
  const lines = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(random() * 90)}\n`)
  const bytes = Buffer.from(lines.join(''))
  await run(function* () {
    const reader = new StreamReader({ limit: 128 })
    createTask(function* () {
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + Math.floor(random() * (random() < 0.5 ? 3 : 400))
        reader.feedData(bytes.subarray(at, at + size))
        at += size
        if (random() < 0.3) yield* sleep(0)
      }
      reader.feedEof()
    })
    const got: string[] = []
    yield* forEach(reader, (line) => void got.push(String(line)))
    expect(got).toEqual(lines)
  })
})
