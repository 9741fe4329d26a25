/** Starts the server of the http-client rows, for the kernels in TypeScript. It ends with this process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

let url: Promise<string> | null = null

/** Where it answers; it is started by the first call. */
export function originUrl(): Promise<string> {
  url ??= start()
  return url
}

async function start(): Promise<string> {
  const program = fileURLToPath(new URL('http-origin.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return `http://127.0.0.1:${Number(String(line))}/`
}

/** One answer is right. @throws Error where it is not */
export function check(status: number, text: string): 1 {
  if (status !== 200 || text !== 'hello') throw new Error(`The server answered ${status}, ${text}.`)
  return 1
}
