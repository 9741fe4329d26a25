// Files as responses, and folders of them.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { file } from '../../src/index.ts'
import { appWith, ask, RawClient, serving, until } from './support/serving.ts'

const outside = mkdtempSync(join(tmpdir(), 'polvo-files-'))
const folder = join(outside, 'public')
mkdirSync(join(folder, 'sub/.git'), { recursive: true })
mkdirSync(join(folder, 'empty'))
writeFileSync(join(outside, 'secret.txt'), 'TREASURE')
writeFileSync(join(folder, 'digits.txt'), '0123456789')
writeFileSync(join(folder, 'page.html'), '<p>')
writeFileSync(join(folder, 'index.html'), 'home')
writeFileSync(join(folder, 'sub/index.html'), 'sub home')
writeFileSync(join(folder, 'sub/.git/config'), 'TREASURE')
writeFileSync(join(folder, '.env'), 'TREASURE')
writeFileSync(join(folder, 'empty.bin'), '')
writeFileSync(join(folder, 'ä b.txt'), 'umlaut')
writeFileSync(join(folder, 'app.js'), 'plain()')
writeFileSync(join(folder, 'app.js.gz'), gzipSync('packed()'))
writeFileSync(join(folder, 'large.bin'), Buffer.alloc(3_000_000, 'x'))
symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'))
symlinkSync(join(folder, 'digits.txt'), join(folder, 'inside.txt'))
utimesSync(join(folder, 'digits.txt'), new Date('2024-01-02T03:04:05Z'), new Date('2024-01-02T03:04:05Z'))
afterAll(() => rmSync(outside, { recursive: true }))

const digits = join(folder, 'digits.txt')

async function get(headers: Record<string, string> = {}, path = digits, method = 'GET'): Promise<Response> {
  let response!: Response
  await serving(
    appWith((app) => app.get('/', () => file(path))),
    async ({ url }) => {
      const received = await fetch(url, { headers, method })
      response = new Response(
        [204, 304].includes(received.status) ? null : await received.arrayBuffer(),
        received,
      )
    },
  )
  return response
}

describe('file()', () => {
  test('has the type, the length, a tag and the time of the file', async () => {
    const response = await get()
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'last-modified': 'Tue, 02 Jan 2024 03:04:05 GMT',
      'accept-ranges': 'bytes',
    })
    expect(response.headers.get('etag')).toMatch(/^"[\w-]+"$/)
    expect(await response.text()).toBe('0123456789')
  })

  test.each([
    ['page.html', 'text/html; charset=utf-8'],
    ['app.js', 'text/javascript; charset=utf-8'],
    ['empty.bin', 'application/octet-stream'],
  ])('%s is %s', async (name, type) => {
    expect((await get({}, join(folder, name))).headers.get('content-type')).toBe(type)
  })

  test('HEAD has the same head, and no body', async () => {
    const response = await get({}, digits, 'HEAD')
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '10',
      '',
    ])
  })

  test.each([
    ['bytes=0-3', 206, 'bytes 0-3/10', '0123'],
    ['bytes=4-', 206, 'bytes 4-9/10', '456789'],
    ['bytes=-3', 206, 'bytes 7-9/10', '789'],
    ['bytes=-100', 206, 'bytes 0-9/10', '0123456789'],
    ['bytes=8-100', 206, 'bytes 8-9/10', '89'],
    ['bytes=9-9', 206, 'bytes 9-9/10', '9'],
    ['bytes=0-1,4-5', 200, null, '0123456789'],
    ['bytes=5-2', 200, null, '0123456789'],
    ['lines=1-2', 200, null, '0123456789'],
    ['bytes=', 200, null, '0123456789'],
  ])('the range %s is answered with %d', async (range, status, contentRange, body) => {
    const response = await get({ range })
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      status,
      contentRange,
      body,
    ])
  })

  test.each(['bytes=10-', 'bytes=-0', 'bytes=99-100'])('the range %s cannot be had: 416', async (range) => {
    const response = await get({ range })
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10'])
  })

  test('is not sent to those who have it', async () => {
    const etag = (await get()).headers.get('etag') as string
    const modified = 'Tue, 02 Jan 2024 03:04:05 GMT'
    expect((await get({ 'if-none-match': etag })).status).toBe(304)
    expect((await get({ 'if-none-match': `"x", W/${etag}` })).status).toBe(304)
    expect((await get({ 'if-none-match': '*' })).status).toBe(304)
    expect((await get({ 'if-none-match': '"x"' })).status).toBe(200)
    expect((await get({ 'if-modified-since': modified })).status).toBe(304)
    expect((await get({ 'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' })).status).toBe(200)
    expect((await get({ 'if-modified-since': modified, 'if-none-match': '"x"' })).status).toBe(200)
    expect((await get({ 'if-match': '"x"' })).status).toBe(412)
    expect((await get({ 'if-match': etag })).status).toBe(200)
    expect((await get({ 'if-unmodified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' })).status).toBe(412)
  })

  test('a range is of the file that the client knows, or it gets all of the new one', async () => {
    const etag = (await get()).headers.get('etag') as string
    const range = 'bytes=0-1'
    expect((await get({ range, 'if-range': etag })).status).toBe(206)
    expect((await get({ range, 'if-range': '"old"' })).status).toBe(200)
    expect((await get({ range, 'if-range': 'Tue, 02 Jan 2024 03:04:05 GMT' })).status).toBe(206)
    expect((await get({ range, 'if-range': 'Mon, 01 Jan 2024 00:00:00 GMT' })).status).toBe(200)
  })

  test('is a 404 where there is none, and where there is a folder', async () => {
    expect((await get({}, join(folder, 'none'))).status).toBe(404)
    expect((await get({}, folder)).status).toBe(404)
    expect((await get({}, join(digits, 'below'))).status).toBe(404)
  })

  test('is saved rather than shown with download, and kept with maxAge', async () => {
    const app = appWith((app) => app.get('/', () => file(digits, { download: 'zäh "1".txt', maxAge: 60 })))
    await serving(app, async ({ url }) => {
      const { headers } = await fetch(url)
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="z_h _1_.txt"; filename*=UTF-8''z%C3%A4h%20%221%22.txt`,
      )
      expect(headers.get('cache-control')).toBe('public, max-age=60')
    })
  })

  test('an empty one is sent, and a large one whole', async () => {
    expect(await (await get({}, join(folder, 'empty.bin'))).text()).toBe('')
    expect((await (await get({}, join(folder, 'large.bin'))).arrayBuffer()).byteLength).toBe(3_000_000)
  })

  test('a client that goes away in the middle leaves no file open', async () => {
    await serving(
      appWith((app) => app.get('/', () => file(join(folder, 'large.bin')))),
      async (served) => {
        const { readdirSync } = await import('node:fs')
        const openFiles = () => readdirSync('/proc/self/fd').length
        const before = openFiles()
        for (let i = 0; i < 10; i++) {
          const client = (await RawClient.to(served)).get('/')
          client.socket.pause()
          await until(() => served.server.requests > 0)
          client.hangUp()
          await until(() => served.server.requests === 0 && served.server.connections === 0)
        }
        await until(() => openFiles() <= before)
        expect(served.reports).toEqual([])
      },
    )
  })

  test('one that becomes shorter while it is sent cuts the response short', async () => {
    const path = join(outside, 'shrinking.bin')
    writeFileSync(path, Buffer.alloc(8_000_000, 'x'))
    await serving(
      appWith((app) => app.get('/', () => file(path))),
      async (served) => {
        const client = await RawClient.to(served)
        client.socket.pause()
        client.get('/')
        await until(() => served.server.requests === 1)
        await new Promise((resolve) => setTimeout(resolve, 100)) // It waits for the client, with the file open.
        truncateSync(path, 10)
        client.socket.resume()
        expect((await client.untilClosed()).length).toBeLessThan(8_000_000)
        expect(served.reports.join()).toContain('become shorter')
      },
    )
  })
})

describe('app.static()', () => {
  const site = () => appWith((app) => app.static('/files', folder))

  test.each([
    ['/files/digits.txt', 200, '0123456789'],
    ['/files/%C3%A4%20b.txt', 200, 'umlaut'],
    ['/files/', 200, 'home'],
    ['/files', 200, 'home'],
    ['/files/sub', 200, 'sub home'],
    ['/files/sub/', 200, 'sub home'],
    ['/files/sub/index.html', 200, 'sub home'],
    ['/files/inside.txt', 200, '0123456789'],
  ])('%s is there', async (path, status, body) => {
    await serving(site(), async ({ url }) => expect(await ask(url + path)).toEqual([status, body]))
  })

  test.each([
    '/files/none',
    '/files/empty',
    '/files/empty/',
    '/files/digits.txt/',
    '/files/.env',
    '/files/sub/.git/config',
    '/files/link.txt',
    '/files/../secret.txt',
    '/files/%2e%2e/secret.txt',
    '/files/..%2fsecret.txt',
    '/files/%2e%2e%2fsecret.txt',
    '/files/sub/..%2f..%2f..%2fsecret.txt',
    '/files/..%5csecret.txt',
    '/files/%2fetc%2fpasswd',
    '/files//etc/passwd',
    '/files/digits.txt%00.html',
    '/files/....//secret.txt',
  ])('%s is a 404', async (path) => {
    await serving(site(), async (served) => {
      const client = (await RawClient.to(served)).get(path, 'connection: close')
      const received = await client.untilClosed()
      expect(received).toMatch(/^HTTP\/1.1 404/)
      expect(received).not.toMatch(/TREASURE|root:/)
    })
  })

  test('redirects to a folder, and never to another host', async () => {
    const app = appWith((app) => app.static('/', folder))
    await serving(app, async (served) => {
      const response = await fetch(`${served.url}/sub`, { redirect: 'manual' })
      expect([response.status, response.headers.get('location')]).toEqual([308, '/sub/'])
      const client = (await RawClient.to(served)).get('//sub', 'connection: close')
      expect((await client.untilClosed()).toLowerCase()).not.toContain('location: //')
    })
  })

  test('sends hidden files, follows links and has another index where it is told so', async () => {
    const app = appWith((app) =>
      app
        .static('/', folder, { dotfiles: true, followLinks: true, index: 'page.html' })
        .static('/none', folder, { index: null }),
    )
    await serving(app, async ({ url }) => {
      expect(await ask(`${url}/.env`)).toEqual([200, 'TREASURE'])
      expect(await ask(`${url}/link.txt`)).toEqual([200, 'TREASURE'])
      expect(await ask(`${url}/`)).toEqual([200, '<p>'])
      expect((await ask(`${url}/none/`))[0]).toBe(404)
    })
  })

  test('sends a fallback where there is no file', async () => {
    const app = appWith((app) => app.static('/', folder, { fallback: 'index.html' }))
    await serving(app, async ({ url }) => expect(await ask(`${url}/any/page`)).toEqual([200, 'home']))
  })

  test('sends what is compressed already to those who take it', async () => {
    const app = appWith((app) => app.static('/', folder, { precompressed: true }))
    await serving(app, async ({ url }) => {
      const packed = await fetch(`${url}/app.js`, { headers: { 'accept-encoding': 'gzip' } })
      expect([
        packed.headers.get('content-encoding'),
        packed.headers.get('content-type'),
        await packed.text(),
      ]).toEqual(['gzip', 'text/javascript; charset=utf-8', 'packed()'])
      const plain = await fetch(`${url}/app.js`, { headers: { 'accept-encoding': 'identity' } })
      expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'plain()'])
      expect(plain.headers.get('vary')).toBe('accept-encoding')
      expect(plain.headers.get('etag')).not.toBe(packed.headers.get('etag'))
    })
  })

  test('is refused other methods', async () => {
    await serving(site(), async ({ url }) => {
      expect((await ask(`${url}/files/digits.txt`, { method: 'POST' }))[0]).toBe(405)
    })
  })
})
