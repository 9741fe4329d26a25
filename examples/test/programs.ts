/** Run the example programs as their users do: in processes of their own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Ending {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Send a signal once the output, or the time in milliseconds, says so. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly afterMs: number; readonly once: string }
  readonly cwd?: string
}

/** Run `examples/PROGRAM` with arguments. */
export async function runExample(
  program: string,
  args: readonly string[] = [],
  { signal, cwd }: RunOptions = {},
): Promise<Ending> {
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=polvo-source', path, ...args], { cwd })
  let stdout = ''
  let stderr = ''
  let isSignalled = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (signal === undefined || isSignalled || !stdout.includes(signal.once)) return
    isSignalled = true
    setTimeout(() => child.kill(signal.name), signal.afterMs)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [status] = await once(child, 'close')
  return { status, stdout, stderr }
}

/** Check that a program is the same in both spellings, but for the words that make the difference. */
export function expectTwins(expect: typeof import('vitest').expect, stem: string): void {
  const read = (spelling: string) =>
    readFileSync(new URL(`../${stem}-${spelling}.ts`, import.meta.url), 'utf8')
  const translated = read('generator')
    .replaceAll(/function\* (\(.*\)[^{]*) \{/g, 'async $1 => {')
    .replaceAll('function* ', 'async function ')
    .replaceAll('yield* ', 'await ')
    .replaceAll('Coroutine<', 'Promise<')
    .replace(/type Coroutine, |, type Coroutine\b/, '')
    .replaceAll('generator spelling', 'async spelling')
    .replaceAll('-generator.ts', '-async.ts')
  expect(read('async')).toBe(translated)
}
