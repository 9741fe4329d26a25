/** Applications that serve for one test each, and clients that are not ours to ask them. */
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { type ExceptionContext, getRunningLoop, run, use } from 'polvo'
import {
  Application,
  type ApplicationOptions,
  type HttpServer,
  type ServeOptions,
  serve,
} from '../../../src/index.ts'

const ALLOWED_MS = 8000

/** What a test is given: a server that serves, and the reports to the exception handler. */
export interface Served {
  readonly server: HttpServer
  readonly url: string
  readonly reports: string[]
}

/** Run `body` while `app` is served on a free port of loopback. Everything is stopped at the end, or after some seconds. */
export async function serving(
  app: Application,
  body: (served: Served) => Promise<unknown>,
  options: ServeOptions = {},
): Promise<void> {
  const reports: string[] = []
  await run(
    async () => {
      getRunningLoop().setExceptionHandler((_, { message, exception }: ExceptionContext) => {
        reports.push(exception === undefined ? message : `${message}: ${exception}`)
      })
      await use(serve(app, { port: 0, ...options }), (server) => body({ server, url: server.url, reports }))
    },
    { signal: AbortSignal.timeout(ALLOWED_MS) },
  )
}

/** An application with the routes that `build` adds. */
export function appWith(build: (app: Application) => unknown, options: ApplicationOptions = {}): Application {
  const app = new Application(options)
  build(app)
  return app
}

/** A connection that talks bytes. */
export class RawClient {
  readonly socket: Socket
  received = ''
  closed = false

  private constructor(port: number) {
    this.socket = net.connect(port, '127.0.0.1')
    this.socket.on('data', (chunk) => {
      this.received += chunk
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
    })
  }

  static async to({ server }: Served): Promise<RawClient> {
    const client = new RawClient(server.port)
    await once(client.socket, 'connect')
    return client
  }

  send(text: string): this {
    this.socket.write(text)
    return this
  }

  get(path: string, ...fields: string[]): this {
    return this.send([`GET ${path} HTTP/1.1`, 'host: test', ...fields, '', ''].join('\r\n'))
  }

  async untilReceived(text: string): Promise<string> {
    await until(
      () => this.received.includes(text),
      () => `received ${JSON.stringify(this.received)}`,
    )
    return this.received
  }

  async untilClosed(): Promise<string> {
    await until(
      () => this.closed,
      () => `it is open, and has received ${JSON.stringify(this.received)}`,
    )
    return this.received
  }

  hangUp(): void {
    this.socket.destroy()
  }
}

/** Wait until `isSo`, for at most three seconds. */
export async function until(
  isSo: () => boolean,
  what: () => string = () => 'it did not come to that',
): Promise<void> {
  const deadline = performance.now() + 3000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`After 3 s ${what()}.`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Ask, and give the status and the body. */
export async function ask(url: string, init?: RequestInit): Promise<[status: number, body: string]> {
  const response = await fetch(url, init)
  return [response.status, await response.text()]
}
