/** The LOCAL site from a real nginx, where the machine has one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Coroutine, call, resource, sleep, timeout, type Usable } from 'polvo'
import { PICTURES } from './pictures.ts'

const START_MS = 10_000

/** nginx as a resource: its value is the address of the site. @throws Error that says what to install. */
export function nginxSite(): Usable<string> {
  return resource<string>(function* (provide) {
    const folder = yield* call(makeFolder)
    try {
      const port = yield* call(freePort)
      const config = join(folder, 'nginx.conf')
      yield* call(writeConfig, config, folder, port)
      // Started by root its workers become somebody else, who may not read the folder.
      const asRoot = process.getuid?.() === 0 ? ['-g', 'user root;'] : []
      const nginx = spawn('nginx', ['-p', folder, '-c', config, ...asRoot], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      const ended = once(nginx, 'exit').catch(explain)
      try {
        yield* timeout(START_MS, () => untilListening(port, ended))
        yield* provide(`http://127.0.0.1:${port}/flags`)
      } finally {
        nginx.kill('SIGTERM')
        yield* call(() => ended.catch(() => {}))
      }
    } finally {
      yield* call(() => rm(folder, { recursive: true, force: true }))
    }
  })
}

function explain(error: unknown): never {
  throw new Error(
    "The NGINX server needs nginx on this machine ('apt-get install nginx'); LOCAL needs nothing.",
    {
      cause: error,
    },
  )
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flags-nginx-'))
  for (const [code, picture] of PICTURES) {
    await mkdir(join(folder, 'flags', code), { recursive: true })
    await symlink(picture, join(folder, 'flags', code, `${code}.png`))
  }
  return folder
}

async function writeConfig(path: string, folder: string, port: number): Promise<void> {
  const template = await readFile(new URL('nginx.conf', import.meta.url), 'utf8')
  await writeFile(path, template.replaceAll('FOLDER', folder).replaceAll('PORT', String(port)))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function* untilListening(port: number, ended: Promise<unknown>): Coroutine {
  let failure: unknown
  ended.catch((error) => {
    failure = error
  })
  while (!(yield* call(answers, port))) {
    if (failure !== undefined) throw failure
    yield* sleep(20)
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
