import { forEach, run, timeout } from 'polvo'
import { describe, expect, test } from 'vitest'
import { httpServer } from '../support/servers.ts'
import { bothSpellings, sessionFor } from '../support/spellings.ts'

/** A server that sends these parts, each by itself. */
async function sending(...parts: (string | Buffer)[]) {
  const server = await httpServer(async (_, response) => {
    for (const part of parts) {
      response.write(part)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    response.end()
  })
  return sessionFor({ baseUrl: server.url })
}

describe('lines', () => {
  const expected = ['one', 'two', '', 'größe', 'last']

  bothSpellings('are the same wherever the body is cut', expected, {
    world: () => {
      const text = Buffer.from('one\r\ntwo\n\ngröße\nlast')
      return sending(...Array.from({ length: text.length }, (_, i) => text.subarray(i, i + 1)))
    },
    *generator(session, print) {
      const response = yield* session.get('/')
      yield* forEach(response.lines(), function* (line) {
        print(line)
      })
    },
    async async(session, print) {
      for await (const line of (await session.get('/')).lines()) print(line)
    },
  })

  test.each<[string, string[]]>([
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\n', ['a', '']],
  ])('of %j are %j', async (text, lines) => {
    const session = await sending(text)
    await run(async () => {
      const found: string[] = []
      for await (const line of (await session.get('/')).lines()) found.push(line)
      expect(found).toEqual(lines)
    })
  })

  test('that are too long are refused', async () => {
    const session = await sending('x'.repeat(50), 'x'.repeat(51))
    await run(async () => {
      const response = await session.get('/')
      await expect(response.lines({ maxLength: 100 }).next()).rejects.toThrow('longer than 100 bytes')
      response.close()
    })
  })
})

describe('chunks', () => {
  test('have one size, but for the last', async () => {
    const session = await sending('abc', 'd', 'efghijk')
    await run(async () => {
      const response = await session.get('/')
      const found: string[] = []
      for await (const chunk of response.chunks(4)) found.push(Buffer.from(chunk).toString())
      expect(found).toEqual(['abcd', 'efgh', 'ijk'])
      expect(() => response.chunks(0)).toThrow('chunks() takes 1 byte or more, and was given 0.')
      expect(() => response.chunks(1.5)).toThrow('whole number')
    })
  })

  test('close the response when the loop is left, and when a read is cancelled', async () => {
    const server = await httpServer((_, response) => response.write('abcdef'))
    const session = sessionFor({ baseUrl: server.url })
    await run(async () => {
      for await (const _ of (await session.get('/')).chunks(4)) break
      expect(session.stats().connections).toBe(0)
      const chunks = (await session.get('/')).chunks(4)
      await chunks.next()
      await expect(timeout(20, () => chunks.next())).rejects.toThrow('20')
      expect(session.stats().connections).toBe(0)
    })
    await server.untilOpen(0)
  })
})
