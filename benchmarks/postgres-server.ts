/** A PostgreSQL server for the samples of this process, which ends with it. `sample.py`'s kernels start the same program. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

let url: Promise<string> | undefined

/** Where the server is; the first call starts it. */
export function postgresUrl(): Promise<string> {
  url ??= start()
  return url
}

async function start(): Promise<string> {
  const keeper = spawn(process.execPath, [fileURLToPath(new URL('postgres-keeper.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(keeper.stdout, 'data')) as [Buffer]
  keeper.unref()
  return String(line).trim()
}
