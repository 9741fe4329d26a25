/** Running one program, and saying in a line how what it printed differs from what it should have. */
import { type ExecFileException, execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Ending {
  readonly stdout: string
  readonly stderr: string
  /** What was wrong with the end itself; null for a program that ended in time, with status 0. */
  readonly fault: string | null
}

const LIMIT = 10_000

const environment = {
  // The compile cache keeps the sources with their types removed, which makes a start three times as fast.
  NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
  ...process.env,
  // It would put colours into what console.log prints.
  FORCE_COLOR: undefined,
}

/** Run a program to its end, or for at most ten seconds. Never rejects. */
export function runProgram(interpreter: string, args: readonly string[]): Promise<Ending> {
  return new Promise((resolve) => {
    const options = { env: environment, timeout: LIMIT, killSignal: 'SIGKILL' } as const
    execFile(interpreter, args, options, (error, stdout, stderr) => {
      resolve({ stdout, stderr, fault: error === null ? null : describeEnd(error) })
    })
  })
}

function describeEnd({ code, signal, killed }: ExecFileException): string {
  if (typeof code === 'string') return code // it could not be started, or printed more than anyone reads
  if (killed) return `still running after ${LIMIT / 1000} s`
  return code === null ? `ended by ${signal}` : `exit status ${code}`
}

/** What is wrong with how a program ended, in one line; null where it printed `wanted` and ended well. */
export function problemOf(wanted: string, { stdout, stderr, fault }: Ending): string | null {
  const problems: string[] = []
  if (stdout !== wanted) problems.push(firstDifference(linesOf(wanted), linesOf(stdout)))
  if (fault !== null) problems.push(fault, ...messagesIn(stderr))
  return problems.length > 0 ? problems.join('; ') : null
}

function firstDifference(wanted: string[], got: string[]): string {
  const index = firstToDiffer(wanted, got)
  const [should, is] = [wanted[index], got[index]]
  if (should === is) return 'the line breaks differ'
  if (is === undefined) return `ends after line ${index}, "${should}" should follow`
  if (should === undefined) return `goes on after line ${index} with "${is}"`
  return `line ${index + 1} is "${is}", should be "${should}"`
}

/** Both traces in one, where they differ; up to a line of each side that agrees, for orientation. */
export function diffOf(wanted: string, { stdout }: Ending): string[] {
  const [left, right] = [linesOf(wanted), linesOf(stdout)]
  const start = firstToDiffer(left, right)
  const longestEnd = Math.min(left.length, right.length) - start
  const end = Math.min(firstToDiffer(left.toReversed(), right.toReversed()), longestEnd)
  return [
    ...left.slice(Math.max(start - 1, 0), start).map((line) => `  ${line}`),
    ...left.slice(start, left.length - end).map((line) => `- ${line}`),
    ...right.slice(start, right.length - end).map((line) => `+ ${line}`),
    ...left
      .slice(left.length - end)
      .slice(0, 1)
      .map((line) => `  ${line}`),
  ]
}

function firstToDiffer(a: string[], b: string[]): number {
  const index = a.findIndex((line, i) => line !== b[i])
  return index === -1 ? a.length : index
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** The message of an uncaught error, if any: the line above its stack, or else the last one. */
export function messagesIn(stderr: string): string[] {
  const lines = linesOf(stderr).filter((line) => line.trim() !== '' && !/^Node\.js v/.test(line))
  const stack = lines.findIndex((line) => /^\s+at /.test(line))
  const message = stack > 0 ? lines[stack - 1] : lines.at(-1)
  return message === undefined ? [] : [message.trim().slice(0, 160)]
}
