import { randomBytes } from 'node:crypto'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { forEach, run, sleep, use } from 'polvo'
import { describe, expect, test } from 'vitest'
import { httpServer, until } from '../support/servers.ts'
import { bothSpellings, errorOf, sessionFor } from '../support/spellings.ts'

const text = 'polvo has eight arms. '.repeat(5000)

async function serving(encoding: string, body: Buffer) {
  const server = await httpServer((_, response) =>
    response.writeHead(200, { 'content-encoding': encoding }).end(body),
  )
  return sessionFor({ baseUrl: server.url })
}

describe('a compressed body', () => {
  bothSpellings('is read as what it was before', ['true', 'true', 'idle 1'], {
    world: () => serving('gzip', gzipSync(text)),
    *generator(session, print) {
      print((yield* use(session.get('/'), (response) => response.text())) === text)
      let size = 0
      yield* use(session.get('/'), (response) =>
        forEach(response, (chunk) => {
          size += chunk.length
        }),
      )
      print(size === text.length)
      print('idle', session.stats().idle)
    },
    async async(session, print) {
      {
        await using response = await session.get('/')
        print((await response.text()) === text)
      }
      let size = 0
      await using response = await session.get('/')
      for await (const chunk of response) size += chunk.length
      print(size === text.length)
      print('idle', session.stats().idle)
    },
  })

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
  ])('may be %s', async (encoding, body) => {
    const session = await serving(encoding, body)
    expect(await run(async () => (await session.get('/')).text())).toBe(text)
  })

  test('is given as it was sent with decompress: false, and where the coding is not known', async () => {
    const body = gzipSync(text)
    const session = await serving('gzip', body)
    const unknown = await serving('lzma', body)
    await run(async () => {
      expect(Buffer.from(await (await session.get('/', { decompress: false })).bytes())).toEqual(body)
      expect(Buffer.from(await (await unknown.get('/')).bytes())).toEqual(body)
    })
  })

  test('is a ClientPayloadError where it is none, or cut short', async () => {
    for (const body of [Buffer.from('not compressed at all'), gzipSync(text).subarray(0, 200)]) {
      const session = await serving('gzip', body)
      const error = await errorOf(async () => (await session.get('/x')).text())
      expect(error).toMatchObject({ name: 'ClientPayloadError', method: 'GET' })
      expect(error.message).toContain('the body is not the gzip data that its content-encoding says')
      expect(session.stats().connections - session.stats().idle).toBe(0)
    }
  })

  test('may be followed by bytes that belong to nothing', async () => {
    const session = await serving('gzip', Buffer.concat([gzipSync(text), Buffer.alloc(300_000)]))
    await run(async () => expect(await (await session.get('/')).text()).toBe(text))
    await until(() => session.stats().idle === 1)
  })

  test('may be empty', async () => {
    const session = await serving('br', Buffer.alloc(0))
    await run(async () => {
      expect(await (await session.get('/')).text()).toBe('')
      expect(await (await session.head('/')).text()).toBe('')
    })
  })

  test('makes the server wait while nobody reads, whatever it comes to', async () => {
    // A kilobyte that becomes a megabyte, again and again.
    const bomb = gzipSync(Buffer.alloc(200_000_000))
    const session = await serving('gzip', bomb)
    const before = process.memoryUsage().rss
    await run(async () => {
      await using response = await session.get('/')
      await sleep(100)
      const first = await response.next()
      expect(first.done).toBe(false)
      expect(process.memoryUsage().rss - before).toBeLessThan(50e6)
      expect((first.value as Uint8Array).length).toBeLessThan(1_000_000)
    })
    expect(session.stats().connections - session.stats().idle).toBe(0)
  })

  test('is streamed through slowly read chunks whole', async () => {
    const original = randomBytes(1_500_000)
    const session = await serving('gzip', gzipSync(original))
    await run(async () => {
      await using response = await session.get('/')
      const chunks: Uint8Array[] = []
      for await (const chunk of response) {
        chunks.push(chunk)
        if (chunks.length % 20 === 0) await sleep(1)
      }
      expect(Buffer.concat(chunks).equals(original)).toBe(true)
    })
    expect(session.stats().idle).toBe(1)
  })

  test('is dropped when its response is released or closed', async () => {
    const session = await serving('gzip', gzipSync(randomBytes(20_000)))
    await run(async () => {
      await (await session.get('/')).release()
      expect(session.stats()).toEqual({ connections: 1, idle: 1, waiting: 0 })
      const response = await session.get('/')
      await sleep(5)
      response.close()
      await expect(response.text()).rejects.toThrow('released or closed')
    })
  })
})
