// Bodies that are streamed, compressed, or made of parts.
import { once } from 'node:events'
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { Busboy } from '@fastify/busboy'
import { asyncGenerator, channel, run, sleep, timeout } from 'polvo'
import { describe, expect, test } from 'vitest'
import { type Coding, MultipartForm, type RequestData } from '../../src/index.ts'
import { afterTest, httpServer, until } from '../support/servers.ts'
import { errorOf, sessionFor } from '../support/spellings.ts'

interface Received {
  headers: Record<string, string | undefined>
  body: Buffer
}

/** A server that keeps what it got. */
async function sink() {
  const received: Received[] = []
  const server = await httpServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    received.push({ headers: request.headers as Received['headers'], body: Buffer.concat(chunks) })
    response.end()
  })
  return { server, received, session: sessionFor({ baseUrl: server.url }) }
}

async function* slowly(...pieces: (string | Uint8Array)[]) {
  for (const piece of pieces) {
    await sleep(1)
    yield piece
  }
}

describe('a streamed body', () => {
  test.each<[string, () => RequestData]>([
    ['an async generator that awaits', () => slowly('ab', Buffer.from('cd'))],
    [
      'a generator',
      () =>
        (function* () {
          yield 'ab'
          yield 'cd'
        })(),
    ],
    ['a stream of the web', () => ReadableStream.from(['ab', 'cd'].map((one) => Buffer.from(one)))],
    ['a stream of Node', () => Readable.from([Buffer.from('ab'), Buffer.from('cd')])],
    [
      'a channel',
      () => {
        const [sender, receiver] = channel<string>(2)
        sender.sendNowait('ab')
        sender.sendNowait('cd')
        sender.close()
        return receiver
      },
    ],
    [
      'an asyncGenerator of polvo',
      () =>
        asyncGenerator<string>(function* (emit) {
          yield* sleep(1)
          yield* emit('ab')
          yield* emit('cd')
        }),
    ],
    [
      'what has nothing but next()',
      () => {
        const pieces = ['ab', 'cd']
        return {
          next: async () => ({ done: pieces.length === 0, value: pieces.shift() }),
        } as unknown as RequestData
      },
    ],
  ])('is %s', async (_, data) => {
    const { received, session } = await sink()
    await run(async () => (await session.post('/', { data: data() })).release())
    expect(received[0]?.body.toString()).toBe('abcd')
    expect(received[0]?.headers['transfer-encoding']).toBe('chunked')
  })

  test.each<[string, () => { data: RequestData; isClosed: () => boolean }]>([
    [
      'a stream of Node',
      () => {
        const data = new Readable({ read() {} })
        data.push('first')
        return { data, isClosed: () => data.destroyed }
      },
    ],
    [
      'a stream of the web',
      () => {
        let isClosed = false
        const data = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(Buffer.from('first')),
          cancel: () => {
            isClosed = true
          },
        })
        return { data, isClosed: () => isClosed }
      },
    ],
    [
      'an async generator',
      () => {
        let isClosed = false
        const data = (async function* () {
          try {
            yield 'first'
            await sleep(60_000)
          } finally {
            isClosed = true
          }
        })()
        return { data, isClosed: () => isClosed }
      },
    ],
  ])('of %s that never goes on is closed when the request is cancelled', async (_, make) => {
    const { session } = await sink()
    const { data, isClosed } = make()
    await run(async () => {
      await expect(timeout(50, () => session.post('/', { data }))).rejects.toThrow('50')
      await until(isClosed)
    })
    expect(session.stats().connections).toBe(0)
  })
})

describe('compress', () => {
  const inflate: Record<Coding, (bytes: Buffer) => Buffer> = {
    gzip: gunzipSync,
    deflate: inflateSync,
    br: brotliDecompressSync,
  }
  const long = 'a long text '.repeat(20_000)

  test.each<[Coding | true, Coding]>([
    [true, 'gzip'],
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['br', 'br'],
  ])('%s sends the body so, and says it', async (compress, coding) => {
    const { received, session } = await sink()
    await run(async () => {
      await (await session.post('/', { data: long, compress })).release()
      await (await session.post('/', { data: slowly(long, 'end'), compress })).release()
      await (await session.post('/', { json: { a: 1 }, compress })).release()
    })
    expect(received.map(({ headers }) => headers['content-encoding'])).toEqual([coding, coding, coding])
    expect(received.map(({ body }) => inflate[coding](body).toString())).toEqual([
      long,
      `${long}end`,
      '{"a":1}',
    ])
    expect(received[0]?.body.length).toBeLessThan(10_000)
    expect(received[2]?.headers['content-type']).toBe('application/json')
  })

  test('is for the bodies there are, and for codings that are known', async () => {
    const { received, session } = await sink()
    await run(async () => (await session.post('/', { compress: true })).release())
    expect(received[0]?.headers['content-encoding']).toBe(undefined)
    const error = await errorOf(() => session.post('/', { data: 'x', compress: 'zip' as Coding }))
    expect(error.message).toBe(`compress takes true, 'gzip', 'deflate' or 'br', and was given "zip".`)
  })

  test('fails with what the source throws', async () => {
    const { session } = await sink()
    const data = (async function* () {
      yield 'x'.repeat(100_000)
      throw new Error('no more')
    })()
    expect((await errorOf(() => session.post('/', { data, compress: true }))).message).toBe('no more')
  })
})

interface Part {
  name: string
  value: string
  filename?: string
  type: string
}

/** What an independent parser finds in a form. */
async function parts({ headers, body }: Received): Promise<Part[]> {
  const parser = new Busboy({ headers: headers as { 'content-type': string } })
  const found: Part[] = []
  parser.on('field', (name, value, _, __, ___, type) => found.push({ name, value, type }))
  parser.on('file', (name, stream, filename, _, type) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => found.push({ name, value: Buffer.concat(chunks).toString(), filename, type }))
  })
  const finished = once(parser, 'finish')
  parser.end(body)
  await finished
  return found
}

describe('a form', () => {
  test('of the web is sent with its files and its length, as often as one likes', async () => {
    const { received, session } = await sink()
    const data = new FormData()
    data.append('text', 'one\ntwo')
    data.append('file', new File(['content'], 'a "b".txt', { type: 'text/x-own' }))
    await run(async () => {
      for (let i = 0; i < 2; i++) await (await session.post('/', { data })).release()
    })
    for (const one of received) {
      expect(Number(one.headers['content-length'])).toBe(one.body.length)
      expect(await parts(one)).toEqual([
        { name: 'text', value: 'one\r\ntwo', type: 'text/plain' },
        { name: 'file', value: 'content', filename: 'a %22b%22.txt', type: 'text/x-own' },
      ])
    }
  })

  test('has parts of every kind, also streams', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'polvo-form-'))
    afterTest(() => rm(folder, { recursive: true }))
    const path = join(folder, 'big.bin')
    const file = createWriteStream(path)
    file.end('x'.repeat(300_000))
    await once(file, 'close')
    const { received, session } = await sink()
    const form = new MultipartForm()
      .append('text', 'grüße')
      .append('json', '{"a":1}', { contentType: 'application/json' })
      .append('bytes', new Uint8Array([97, 98]))
      .append('blob', await openAsBlob(path), { filename: 'blob.bin' })
      .append('node', createReadStream(path), { filename: 'big.bin', contentType: 'application/x-big' })
      .append('slow', slowly('a', 'b'), { filename: 'slow.txt' })
      .append('web', ReadableStream.from([Buffer.from('web')]))
    await run(async () => (await session.post('/', { data: form })).release())
    const [one] = received as [Received]
    expect(one.headers['transfer-encoding']).toBe('chunked')
    const found = await parts(one)
    expect(found.map(({ name, filename, type, value }) => [name, filename, type, value.length])).toEqual([
      ['text', undefined, 'text/plain', 5],
      ['json', undefined, 'application/json', 7],
      ['bytes', 'blob', 'application/octet-stream', 2],
      ['blob', 'blob.bin', 'application/octet-stream', 300_000],
      ['node', 'big.bin', 'application/x-big', 300_000],
      ['slow', 'slow.txt', 'application/octet-stream', 2],
      ['web', 'blob', 'application/octet-stream', 3],
    ])
    const again = await errorOf(() => session.post('/', { data: form }))
    expect(again.message).not.toBe('')
  })

  test('with a stream cannot be redirected, and says so', async () => {
    const server = await httpServer((request, response) => {
      request.resume()
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    const data = new MultipartForm().append('f', slowly('x'))
    const error = await errorOf(() => sessionFor().post(server.url, { data }))
    expect(error.name).toBe('ClientPayloadError')
  })

  test('refuses what cannot be a part', () => {
    const form = new MultipartForm()
    expect(() => form.append('n', 5 as unknown as string)).toThrow('The part "n" takes text, bytes')
    expect(() => form.append('n', 'x', { contentType: 'a\r\nb: c' })).toThrow('contentType takes one line')
  })

  test('whose source fails is the error of the request, and its other sources are closed', async () => {
    const { session } = await sink()
    let isClosed = false
    const bad = (async function* () {
      try {
        yield 'x'
        throw new Error('disk gone')
      } finally {
        isClosed = true
      }
    })()
    const error = await errorOf(() => session.post('/', { data: new MultipartForm().append('f', bad) }))
    expect([error.message, isClosed]).toEqual(['disk gone', true])
  })
})
