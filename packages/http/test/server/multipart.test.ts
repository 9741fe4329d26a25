// Forms with files: as a whole, and part by part as they arrive.
import { forEach } from 'polvo'
import { describe, expect, test } from 'vitest'
import { appWith, ask, RawClient, serving, until } from './support/serving.ts'

function formOf(files: number, size = 100): FormData {
  const form = new FormData()
  form.set('title', 'Grüße')
  for (let i = 0; i < files; i++)
    form.append('file', new Blob(['x'.repeat(size)], { type: 'text/x' }), `../${i}.txt`)
  return form
}

test('request.form() has the fields, and the files with name, type and content', async () => {
  const app = appWith((app) =>
    app.post('/', async (request) => {
      const form = await request.form()
      const file = form.file('file')
      return {
        title: form.get('title'),
        count: form.files('file').length,
        filename: file?.filename,
        type: file?.type,
        size: file?.bytes.length,
        none: form.get('none') ?? null,
      }
    }),
  )
  await serving(app, async ({ url }) => {
    const [status, body] = await ask(url, { method: 'POST', body: formOf(2) })
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { title: 'Grüße', count: 2, filename: '0.txt', type: 'text/x', size: 100, none: null },
    ])
  })
})

describe.each(['generator', 'async'] as const)('request.multipart() (%s)', (spelling) => {
  test('gives part after part, with its content chunk by chunk; what is not read is skipped', async () => {
    const app = appWith((app) => {
      if (spelling === 'async') {
        app.post(
          '/',
          async (request) => {
            const seen: unknown[] = []
            for await (const part of request.multipart()) {
              if (part.filename === null) seen.push([part.name, await part.text()])
              else if (seen.length < 2) {
                let size = 0
                for await (const chunk of part) size += chunk.length
                seen.push([part.name, part.filename, size])
              } else seen.push('skipped')
            }
            return seen
          },
          { bodyLimit: 1e7 },
        )
      } else {
        app.post(
          '/',
          function* (request) {
            const seen: unknown[] = []
            yield* forEach(request.multipart(), function* (part) {
              if (part.filename === null) seen.push([part.name, yield* part.text()])
              else if (seen.length < 2) {
                let size = 0
                yield* forEach(part, (chunk) => {
                  size += chunk.length
                })
                seen.push([part.name, part.filename, size])
              } else seen.push('skipped')
            })
            return seen
          },
          { bodyLimit: 1e7 },
        )
      }
    })
    await serving(app, async ({ url }) => {
      const [status, body] = await ask(url, { method: 'POST', body: formOf(3, 1_000_000) })
      expect([status, JSON.parse(body)]).toEqual([
        200,
        [['title', 'Grüße'], ['file', '0.txt', 1_000_000], 'skipped', 'skipped'],
      ])
    })
  })
})

test('a file comes as it is sent, and not only when all of it is there', async () => {
  const seen: string[] = []
  const app = appWith((app) =>
    app.post('/', async (request) => {
      for await (const part of request.multipart())
        for await (const chunk of part) seen.push(chunk.toString())
      return 'done'
    }),
  )
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).send(
      'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-type: multipart/form-data; boundary=b\r\n\r\n',
    )
    const chunk = (text: string) => client.send(`${text.length.toString(16)}\r\n${text}\r\n`)
    chunk('--b\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\nfirst')
    await until(() => seen.includes('first'))
    chunk(' second\r\n--b--\r\n')
    client.send('0\r\n\r\n')
    await client.untilReceived('done')
    expect(seen.join('')).toBe('first second')
  })
})

describe('what is beyond the limits is a 413', () => {
  const app = () =>
    appWith((app) => {
      app.post('/file', async (request) => (await request.form({ maxFileSize: 50 })).names)
      app.post('/field', async (request) => (await request.form({ maxFieldSize: 3 })).names)
      app.post('/parts', async (request) => (await request.form({ maxParts: 2 })).names)
      app.post('/body', async (request) => (await request.form()).names, { bodyLimit: 300 })
    })

  test.each(['/file', '/field', '/parts', '/body'])('%s', async (path) => {
    await serving(app(), async ({ url }) => {
      expect((await ask(url + path, { method: 'POST', body: formOf(3) }))[0]).toBe(413)
    })
  })
})

describe('what is no form', () => {
  const app = () =>
    appWith((app) => {
      app.post('/', async (request) => (await request.form()).names)
      app.post('/parts', async (request) => {
        for await (const part of request.multipart()) await part.bytes()
        return 'ok'
      })
    })

  test.each([
    ['/', 'text/plain', 'x', 415],
    ['/parts', 'application/x-www-form-urlencoded', 'a=1', 415],
    ['/', 'multipart/form-data', 'x', 400],
    ['/', 'multipart/form-data; boundary=b', 'no parts at all', 400],
    [
      '/',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\ncut',
      400,
    ],
    [
      '/parts',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="a"; filename="f"\r\n\r\ncut',
      400,
    ],
  ])('%s of %s: %j is a %d', async (path, type, body, status) => {
    await serving(app(), async ({ url }) => {
      const answer = await ask(url + path, { method: 'POST', body, headers: { 'content-type': type } })
      expect(answer[0]).toBe(status)
    })
  })
})
