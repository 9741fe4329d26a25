import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Call } from '../coroutine/call.ts'
import { fromEvent } from '../coroutine/from-event.ts'
import type { Awaitable, Coroutine } from '../coroutine/types.ts'
import { misuse, outOfRange } from '../errors.ts'
import { runDetached } from '../host/detached.ts'
import { brief } from '../host/inspect.ts'
import { isOptions } from '../tasks/target.ts'
import { Process } from './process.ts'
import { checkReaderLimit } from './stream-reader.ts'

/** A pipe, which this program reads or writes as a stream. */
export const PIPE: 'pipe' = 'pipe'
/** Nothing comes from it, and what goes to it is lost. */
export const DEVNULL: 'devnull' = 'devnull'
/** For stderr: the same as stdout. */
export const STDOUT: 'stdout' = 'stdout'

/** How a program is run; all of it may be left out. */
export interface SubprocessOptions {
  /** PIPE, DEVNULL, or the number of an open file; by default it shares this program's, as the other two do. */
  stdin?: typeof PIPE | typeof DEVNULL | number | null | undefined
  /** As `stdin`. */
  stdout?: typeof PIPE | typeof DEVNULL | number | null | undefined
  /** As `stdin`, or STDOUT: the pipe or file that its stdout goes to. */
  stderr?: typeof PIPE | typeof DEVNULL | typeof STDOUT | number | null | undefined
  /** The directory it runs in; by default this program's. */
  cwd?: string | URL | undefined
  /** Its environment, in place of this program's. */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** How many bytes of its output may lie before a separator; see `StreamReader`. */
  limit?: number | undefined
  /** How long it has after SIGTERM before it is sent SIGKILL, in milliseconds; by default 3,000. */
  killAfter?: number | undefined
  /**
   * false: it belongs to the session of this program, so that it can use the terminal, and hears its Ctrl-C; ending it does not
   * end what it has started. By default it has a session and group of its own.
   */
  startNewSession?: boolean | undefined
}

const KILL_AFTER_MS = 3_000
const SHELL = '/bin/sh'

/**
 * Run a program with arguments, without a shell. Returns the process, which is running; not a checkpoint.
 *
 *     const git = yield* createSubprocessExec({ stdout: PIPE }, 'git', 'log', '--oneline')
 *     const [log] = yield* git.communicate()
 *
 * Use it as a resource: `use(createSubprocessExec('server'), function* (server) { … })` ends it when it is left.
 * @throws an error that says what is missing, with the system's `code`: ENOENT where there is no such program, EACCES where it may
 * not be run.
 */
export function createSubprocessExec(program: string, ...args: string[]): Awaitable<Process>
export function createSubprocessExec(
  options: SubprocessOptions,
  program: string,
  ...args: string[]
): Awaitable<Process>
export function createSubprocessExec(...given: unknown[]): Awaitable<Process> {
  const options = (isOptions(given[0]) ? given.shift() : {}) as SubprocessOptions
  for (const argument of given) checkText('createSubprocessExec()', 'a program and its arguments', argument)
  const [program, ...args] = given as string[]
  if (program === undefined || program === '') {
    throw misuse('createSubprocessExec() takes a program and its arguments, and was given no program.')
  }
  checkOptions(options)
  return new Call(create, [options, program, args], `createSubprocessExec(${brief(program)})`)
}

/**
 * As `createSubprocessExec`, of a command for the shell (`/bin/sh`). Quote what you put into it: better, pass it as an argument to
 * `createSubprocessExec`.
 */
export function createSubprocessShell(command: string, options: SubprocessOptions = {}): Awaitable<Process> {
  checkText('createSubprocessShell()', 'a command', command)
  checkOptions(options)
  return new Call(create, [options, SHELL, ['-c', command]], `createSubprocessShell(${brief(command)})`)
}

function* create(options: SubprocessOptions, program: string, args: readonly string[]): Coroutine<Process> {
  const { limit, killAfter = KILL_AFTER_MS, startNewSession = true } = options
  const child = yield* launch(options, program, args)
  return new Process(child, { name: program, limit, killAfter, hasOwnGroup: startNewSession })
}

function* launch(
  options: SubprocessOptions,
  program: string,
  args: readonly string[],
): Coroutine<ChildProcess> {
  try {
    const [file, argv] = options.stderr === STDOUT ? withOneOutput(options, program, args) : [program, args]
    const child = runDetached(() => spawn(file, argv, spawnOptions(options)))
    child.on('error', () => {})
    if (child.pid !== undefined) return child
    const [error] = yield* fromEvent(child, 'error')
    throw error
  } catch (error) {
    throw explained(error, options, program)
  }
}

function spawnOptions({
  stdin,
  stdout,
  stderr,
  cwd,
  env,
  startNewSession = true,
}: SubprocessOptions): SpawnOptions {
  const stdio = [stdin, stdout, stderr].map((target) => {
    if (target === null || target === undefined || target === STDOUT) return 'inherit'
    return target === DEVNULL ? 'ignore' : target
  })
  return { stdio, detached: startNewSession, ...(cwd && { cwd }), ...(env && { env }) }
}

/** Node cannot give both outputs the same pipe, the shell can: it does so, and becomes the program. */
function withOneOutput(
  options: SubprocessOptions,
  program: string,
  args: readonly string[],
): [file: string, argv: readonly string[]] {
  const file = program.includes('/') ? resolve(folderOf(options), program) : findInPath(program, options)
  if (file === undefined || !isRunnable(file)) throw Object.assign(new Error(), { code: codeFor(file) })
  return [SHELL, ['-c', 'exec "$0" "$@" 2>&1', file, ...args]]
}

/** Where a program that is given by a relative path is looked for. */
function folderOf({ cwd = '.' }: SubprocessOptions): string {
  return cwd instanceof URL ? fileURLToPath(cwd) : cwd
}

function findInPath(program: string, { env = process.env }: SubprocessOptions): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, program)).find(isRunnable)
}

function isRunnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function codeFor(file: string | undefined): string {
  return file !== undefined && existsSync(file) ? 'EACCES' : 'ENOENT'
}

// ---------------------------------------------------------------- what went wrong

/** The system says ENOENT of a program, its directory and its interpreter alike. */
function explained(cause: unknown, options: SubprocessOptions, program: string): unknown {
  const { code } = Object(cause) as { code?: unknown }
  if (code !== 'ENOENT' && code !== 'EACCES') return cause
  const message = code === 'ENOENT' ? missing(options, program) : `${brief(program)} may not be run.`
  return Object.assign(new Error(message, { cause }), { code, path: program })
}

function missing(options: SubprocessOptions, program: string): string {
  const { cwd } = options
  if (cwd !== undefined && !existsSync(cwd)) {
    return `${brief(program)} cannot be run in ${brief(String(cwd))}: there is no such directory.`
  }
  if (!program.includes('/')) return `There is no program ${brief(program)} in the PATH.`
  if (!existsSync(resolve(folderOf(options), program))) return `There is no program ${brief(program)}.`
  return `${brief(program)} cannot be run: what its first line names does not exist.`
}

function checkText(taker: string, wanted: string, value: unknown): void {
  if (typeof value === 'string') return
  throw misuse(`${taker} takes ${wanted} as strings, and was given ${brief(value)}.`)
}

function checkOptions({ limit, killAfter = KILL_AFTER_MS }: SubprocessOptions): void {
  if (limit !== undefined) checkReaderLimit(limit)
  if (typeof killAfter !== 'number' || !(killAfter >= 0)) {
    throw outOfRange(`killAfter takes 0 or more milliseconds, and was given ${brief(killAfter)}.`)
  }
}
