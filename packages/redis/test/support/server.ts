/**
 * A redis-server of the test's own, on a free port, which is stopped when the test is over. Where the machine has none the tests
 * are skipped, loudly; with POLVO_REQUIRE_SERVICES=1 they fail in place of that.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'

function versionHere(): string | null {
  try {
    return execFileSync('redis-server', ['--version'], { encoding: 'utf8' })
  } catch {
    return null
  }
}

const isHere = versionHere() !== null

/** `describe` for tests that need a server. */
export const describeRedis: typeof describe = isHere ? describe : (absent as typeof describe)

function absent(name: string): void {
  const missing = 'redis-server is not installed (Debian and Ubuntu: apt-get install redis-server)'
  if (process.env.POLVO_REQUIRE_SERVICES === '1') {
    test(name, () => {
      throw new Error(`${missing}, and POLVO_REQUIRE_SERVICES=1 asks for it.`)
    })
    return
  }
  console.warn(`SKIPPED: ${name}: ${missing}.`)
  describe.skip(name, () => {
    test('needs redis-server', () => {})
  })
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export class RedisServer {
  readonly port: number
  readonly folder: string
  readonly #options: readonly string[]
  #process: ChildProcess | null = null

  constructor(port: number, options: readonly string[] = []) {
    this.port = port
    this.folder = mkdtempSync(join(tmpdir(), 'polvo-redis-'))
    this.#options = options
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** A Unix socket it listens at as well. */
  get socket(): string {
    return join(this.folder, 'redis.sock')
  }

  /** Its file of settings, read where there is one. */
  get config(): string {
    return join(this.folder, 'redis.conf')
  }

  /** Returns when it takes connections. */
  async start(): Promise<this> {
    const file = existsSync(this.config) ? [this.config] : []
    const options = ['--port', this.port, '--bind', '127.0.0.1', '--dir', this.folder, '--save', '']
    const all = [...options, '--unixsocket', this.socket, ...this.#options].map(String)
    this.#process = spawn('redis-server', [...file, ...all], { stdio: 'ignore' })
    await this.#untilUp()
    return this
  }

  async #untilUp(): Promise<void> {
    const deadline = performance.now() + 5000
    for (;;) {
      const socket = connect(this.port, '127.0.0.1')
      const isUp = await new Promise((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      })
      socket.destroy()
      if (isUp) return
      if (performance.now() > deadline) throw new Error(`redis-server does not listen at port ${this.port}.`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** End it, as if it had crashed. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** End it, and remove its files. */
  async stop(): Promise<void> {
    await this.#end('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process
    this.#process = null
    if (process === null || process.exitCode !== null) return
    const ended = once(process, 'exit')
    process.kill(signal)
    await ended
  }

  /** Ask it something through redis-cli. */
  cli(...args: readonly string[]): string {
    return execFileSync('redis-cli', ['-p', String(this.port), ...args], { encoding: 'utf8' }).trim()
  }

  /** How many clients are connected, redis-cli not among them. */
  clients(): number {
    return this.cli('client', 'list').split('\n').length - 1
  }
}

/** Start a server on a free port. */
export async function startServer(...options: readonly string[]): Promise<RedisServer> {
  return new RedisServer(await freePort(), options).start()
}

/** Wait until `isSo`, for at most three seconds. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: () => string = () => 'it did not come to that',
  atMost = 3000,
): Promise<void> {
  const deadline = performance.now() + atMost
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`After ${atMost} ms ${what()}.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
