/**
 * A PostgreSQL server of its own, in a temporary folder, on a free port of 127.0.0.1 and a Unix socket. It refuses to run as
 * root, so that root's tests run it as the user `postgres`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PostgresServer {
  readonly port: number
  /** The folder of its Unix socket. */
  readonly socketFolder: string
  /** The superuser, who needs no password. */
  readonly url: string
  /** Stop it as its administrator does; sessions end with 57P01. */
  stop(): Promise<void>
  /** Start it again, on the same port with the same data. */
  start(): Promise<void>
  /** Stop it for good and remove its files. */
  dispose(): Promise<void>
}

/** Where the server's programs are; null where there are none. */
export function postgresPrograms(): string | null {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(root, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

export interface ServerOptions {
  /** Such as `{ max_connections: 5 }`. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Files of the data folder, such as pg_hba.conf, by name. */
  readonly files?: Readonly<Record<string, string>>
}

export async function startPostgres({
  settings = {},
  files = {},
}: ServerOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms()
  if (programs === null)
    throw new Error('There is no PostgreSQL here. Debian and Ubuntu: apt-get install postgresql')
  const folder = mkdtempSync(join(tmpdir(), 'polvo-postgres-'))
  const owner = process.getuid?.() === 0 ? userIds('postgres') : null
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  for (const path of [folder, data]) if (owner !== null) chownSync(path, owner.uid, owner.gid)
  const initdb = ['-D', data, '-U', 'polvo', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C']
  execFileSync(join(programs, 'initdb'), initdb, { ...owner, cwd: folder, stdio: 'ignore' })
  const port = await freePort()
  const all = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '32MB',
    max_connections: 50,
    timezone: 'UTC',
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`)
  writeFileSync(join(data, 'postgresql.auto.conf'), lines.join(''))
  for (const [name, text] of Object.entries(files)) {
    const path = join(data, name)
    writeFileSync(path, text, { mode: 0o600 })
    chmodSync(path, 0o600)
    if (owner !== null) chownSync(path, owner.uid, owner.gid)
  }
  const server = new Server(programs, data, folder, port, owner)
  await server.start()
  return server
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

class Server implements PostgresServer {
  readonly port: number
  readonly socketFolder: string
  readonly #programs: string
  readonly #data: string
  readonly #owner: Owner | null
  #child: ChildProcess | null = null

  constructor(programs: string, data: string, folder: string, port: number, owner: Owner | null) {
    this.#programs = programs
    this.#data = data
    this.socketFolder = folder
    this.port = port
    this.#owner = owner
  }

  get url(): string {
    return `postgres://polvo@127.0.0.1:${this.port}/postgres`
  }

  async start(): Promise<void> {
    const options = { ...this.#owner, cwd: this.socketFolder, stdio: ['ignore', 'ignore', 'pipe'] as const }
    const child = spawn(join(this.#programs, 'postgres'), ['-D', this.#data], {
      ...options,
      stdio: [...options.stdio],
    })
    this.#child = child
    process.on('exit', this.#kill)
    let log = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-4000)
        if (log.includes('database system is ready')) resolve()
      })
      child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log}`)))
    })
  }

  readonly #kill = (): void => {
    this.#child?.kill('SIGQUIT')
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    process.off('exit', this.#kill)
    if (child.exitCode !== null) return
    child.kill('SIGINT')
    await once(child, 'exit')
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.socketFolder, { recursive: true, force: true })
  }
}

function userIds(user: string): Owner {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
