// Responses are compressed for those who take it, where it pays.
import { request } from 'node:http'
import { brotliDecompressSync, createGunzip, gunzipSync } from 'node:zlib'
import { sleep } from 'polvo'
import { describe, expect, test } from 'vitest'
import { eventStream, json, stream, text } from '../../src/index.ts'
import { appWith, serving, until } from './support/serving.ts'

interface Got {
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** Without decompressing. */
function get(url: string, acceptEncoding?: string, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }
    const asking = request(url, { headers, method }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
      response.on('error', reject)
    })
    asking.on('error', reject)
    asking.end()
  })
}

const LONG = 'all work and no play '.repeat(500)

const app = (compression: boolean | { threshold: number } = true) =>
  appWith(
    (app) => {
      app.get('/long', () => LONG)
      app.get('/short', () => 'short')
      app.get('/json', () => json({ text: LONG }, { headers: { etag: '"1"' } }))
      app.get('/png', () => text(LONG, { headers: { 'content-type': 'image/png' } }))
      app.get('/done', () => text(LONG, { headers: { 'content-encoding': 'x-own' } }))
      app.get('/kept', () => text(LONG, { headers: { 'cache-control': 'no-transform' } }))
      app.get('/stream', () => stream([LONG, LONG], { headers: { 'content-type': 'text/csv' } }))
      app.get('/events', () => eventStream((events) => events.send(LONG)))
      app.get('/slow', () =>
        stream(
          async (writer) => {
            await writer.write('first')
            await sleep(60_000)
          },
          { headers: { 'content-type': 'text/plain' } },
        ),
      )
    },
    { compression },
  )

describe('compression', () => {
  test.each([
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br', 'br'],
    ['br;q=0.5, gzip', 'gzip'],
    ['*', 'br'],
    ['identity', undefined],
    ['gzip;q=0', undefined],
    ['deflate', undefined],
    [undefined, undefined],
  ])('for accept-encoding: %s is %s', async (accept, encoding) => {
    await serving(app(), async ({ url }) => {
      const { headers, body } = await get(`${url}/long`, accept)
      expect(headers['content-encoding']).toBe(encoding)
      expect(headers.vary).toBe('accept-encoding')
      expect(headers['content-length']).toBe(String(body.length))
      const plain =
        encoding === 'gzip' ? gunzipSync(body) : encoding === 'br' ? brotliDecompressSync(body) : body
      expect(plain.toString()).toBe(LONG)
    })
  })

  test.each(['/short', '/png', '/done', '/kept', '/events'])('leaves %s as it is', async (path) => {
    await serving(app(), async ({ url }) => {
      const { headers } = await get(url + path, 'gzip')
      expect(headers['content-encoding']).toBe(path === '/done' ? 'x-own' : undefined)
    })
  })

  test('weakens the tag of what it compresses', async () => {
    await serving(app(), async ({ url }) => {
      expect((await get(`${url}/json`, 'gzip')).headers.etag).toBe('W/"1"')
      expect((await get(`${url}/json`)).headers.etag).toBe('"1"')
    })
  })

  test('is for streams as well, and holds nothing back', async () => {
    await serving(app(), async ({ url }) => {
      const { headers, body } = await get(`${url}/stream`, 'gzip')
      expect(headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(body).toString()).toBe(LONG + LONG)
      let received = ''
      const asking = request(`${url}/slow`, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
        response
          .pipe(createGunzip())
          .on('error', () => {})
          .on('data', (chunk) => {
            received += chunk
          })
      })
      asking.on('error', () => {})
      asking.end()
      await until(() => received === 'first')
      asking.destroy()
    })
  })

  test('answers HEAD with the same head', async () => {
    await serving(app(), async ({ url }) => {
      expect((await get(`${url}/long`, 'gzip', 'HEAD')).headers['content-encoding']).toBe('gzip')
    })
  })

  test('begins at its threshold, and is off by default', async () => {
    await serving(app({ threshold: 5 }), async ({ url }) => {
      expect((await get(`${url}/short`, 'gzip')).headers['content-encoding']).toBe('gzip')
    })
    await serving(app(false), async ({ url }) => {
      const { headers } = await get(`${url}/long`, 'gzip')
      expect([headers['content-encoding'], headers.vary]).toEqual([undefined, undefined])
    })
  })
})
