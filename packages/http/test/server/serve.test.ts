// Where a server listens, and what its handlers run in.

import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ContextVar, createTask, currentTask, run, sleep, use } from 'polvo'
import { afterAll, describe, expect, test } from 'vitest'
import { Application, ClientSession, serve } from '../../src/index.ts'
import { appWith, ask, serving, until } from './support/serving.ts'

const folder = mkdtempSync(join(tmpdir(), 'polvo-serve-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('serve()', () => {
  test('listens on a port of this machine, and says where', async () => {
    await serving(
      appWith((app) => app.get('/', () => 'ok')),
      async ({ server, url }) => {
        expect(server.address).toEqual({ address: '127.0.0.1', port: server.port, family: 'IPv4' })
        expect(url).toBe(`http://127.0.0.1:${server.port}`)
        expect(String(server)).toBe(`<HttpServer serving ${url} connections=0>`)
        expect(server.isServing()).toBe(true)
        await server.stop()
        expect([server.address, server.port, server.url, String(server)]).toEqual([
          undefined,
          0,
          '',
          '<HttpServer gone connections=0>',
        ])
      },
    )
  })

  test('listens on IPv6', async () => {
    await serving(
      appWith((app) => app.get('/', () => 'ok')),
      async ({ url }) => {
        expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/)
        expect(await ask(url)).toEqual([200, 'ok'])
      },
      { host: '::1' },
    )
  })

  test('listens on a Unix socket, whose file is gone afterwards', async () => {
    const path = join(folder, 'socket')
    await serving(
      appWith((app) => app.get('/', ({ remoteAddress }) => `ok ${remoteAddress}`)),
      async ({ server }) => {
        expect([server.url, server.port]).toEqual([path, 0])
        const session = new ClientSession({ socketPath: path })
        const response = await session.get('http://localhost/')
        expect(await response.text()).toBe('ok ')
        await session.close()
      },
      { path },
    )
    expect(existsSync(path)).toBe(false)
  })

  test('speaks TLS', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    await promisify(execFile)('openssl', [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'.split(
        ' ',
      ),
      ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ])
    const { readFileSync } = await import('node:fs')
    const ca = readFileSync(cert)
    await serving(
      appWith((app) => app.get('/', ({ isSecure }) => `secure ${isSecure}`)),
      async ({ url }) => {
        expect(url).toMatch(/^https:/)
        const session = new ClientSession({ tls: { ca } })
        expect(await use(session.get(url), (response) => response.text())).toBe('secure true')
        await session.close()
      },
      { tls: { key: readFileSync(key), cert: ca } },
    )
  })

  test('refuses what is no application', () => {
    expect(() => serve({} as never)).toThrow('serve() takes an Application, and was given an Object')
  })

  test('refuses an application that is being served', async () => {
    const app = appWith((app) => app.get('/', () => 'ok'))
    await serving(app, async () => {
      await expect(serve(app, { port: 0 })).rejects.toThrow('runs already')
    })
  })
})

describe('a handler', () => {
  test('runs in a task of its own that is called by its route, whatever its spelling', async () => {
    const app = appWith((app) => {
      app.get('/plain', () => String(currentTask()?.getName()))
      app.get('/generator', function* () {
        return String(currentTask()?.getName())
      })
      app.get('/async', async () => {
        await sleep(1)
        return String(currentTask()?.getName())
      })
      app.get('/:name', () => createTask(async () => String(currentTask()?.getName() !== undefined)))
    })
    await serving(app, async ({ url }) => {
      for (const name of ['plain', 'generator', 'async'])
        expect(await ask(`${url}/${name}`)).toEqual([200, `GET /${name}`])
      expect(await ask(`${url}/other`)).toEqual([200, 'true'])
    })
  })

  test('has the context variables of whoever served the application, and what it sets is its own', async () => {
    const variable = new ContextVar<string>('variable')
    const app = appWith((app) => {
      app.get('/', function* () {
        const before = variable.get()
        variable.set('changed')
        yield* sleep(1)
        return `${before} ${variable.get()}`
      })
    })
    await run(async () => {
      variable.set('of the server')
      const server = await serve(app, { port: 0 })
      expect(await ask(server.url)).toEqual([200, 'of the server changed'])
      expect(await ask(server.url)).toEqual([200, 'of the server changed'])
    })
  })

  test('has an async context of its own', async () => {
    const storage = new AsyncLocalStorage<string>()
    const app = appWith((app) => {
      app.use((request, next) => storage.run(request.path, () => next()))
      app.get(
        '/:name',
        async () => {
          await sleep(2)
          return String(storage.getStore())
        },
        { middlewares: [async (request, next) => await storage.run(request.path, async () => await next())] },
      )
    })
    await serving(app, async ({ url }) => {
      const bodies = await Promise.all(['a', 'b', 'c'].map(async (name) => (await ask(`${url}/${name}`))[1]))
      expect(bodies).toEqual(['/a', '/b', '/c'])
    })
  })
})

describe('app.createTask()', () => {
  test('is refused where the application does not run', () => {
    expect(() => new Application().createTask(sleep(1))).toThrow('of a running application')
  })

  test('may be called when the application starts, and the task goes on behind the requests', async () => {
    let ticks = 0
    const app = appWith((app) => {
      app.onStart((app) => {
        app.createTask({ name: 'ticker' }, async () => {
          for (;;) {
            await sleep(2)
            ticks++
          }
        })
      })
      app.get('/', () => String(ticks))
    })
    await serving(app, async () => until(() => ticks > 3))
    const after = ticks
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(ticks).toBe(after)
  })
})

describe('runApp()', () => {
  const program = (options: string, handler: string) => `
    import { sleep } from 'polvo'
    import { Application, runApp } from ${JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))}
    const app = new Application()
    app.onStop(async () => { await sleep(20); console.log('closed') })
    app.get('/', ${handler})
    runApp(app, { port: 0, ${options} })
  `

  async function start(options: string, handler: string) {
    const path = join(import.meta.dirname, `run-app-${Math.random().toString(36).slice(2)}.ts`)
    writeFileSync(path, program(options, handler))
    const child = spawn(process.execPath, ['--conditions=polvo-source', path])
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    const exit = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
    try {
      await until(
        () => output.includes('Listening on'),
        () => output,
      )
    } finally {
      rmSync(path)
    }
    const url = /http:\S+\d/.exec(output)?.[0] as string
    return { child, url, exit, output: () => output }
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops gracefully on %s, with the exit status %d', async (signal, status) => {
    const { child, url, exit, output } = await start(
      '',
      `async () => { await sleep(200); return 'finished' }`,
    )
    const asked = ask(url)
    await new Promise((resolve) => setTimeout(resolve, 100))
    child.kill(signal)
    expect(await asked).toEqual([200, 'finished'])
    expect(await exit).toBe(status)
    expect(output()).toContain('closed')
  })

  test('cancels what is left at the deadline', async () => {
    const { child, url, exit } = await start(
      'stopWithin: 50',
      `async () => { await sleep(60_000); return '' }`,
    )
    const asked = new Promise<number>((resolve) => {
      request(url, (response) => resolve(response.statusCode as number)).end()
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    child.kill('SIGTERM')
    expect(await asked).toBe(503)
    expect(await exit).toBe(143)
  })
})
