/** For tests with real sockets, processes and signals. */
import { readdirSync, readFileSync } from 'node:fs'
import { type ExceptionContext, getRunningLoop, type Result, run } from 'polvo'
import { test } from 'vitest'

/** The same test for both spellings. Reports to the exception handler, which nobody expects, fail it. */
export function inBothSpellings(
  name: string,
  programs: { generator: () => Generator<never, void, unknown> | unknown; async: () => Promise<void> },
): void {
  test(`${name} (generators)`, () => reporting(programs.generator).then(noReports))
  test(`${name} (async)`, () => reporting(programs.async).then(noReports))
}

function noReports({ reports }: { reports: ExceptionContext[] }): void {
  for (const { message, exception } of reports) throw new Error(`reported: ${message}`, { cause: exception })
}

/** Run a program, and return what it returns and what was reported. */
export async function reporting<R>(
  program: () => R,
): Promise<{ result: Result<R>; reports: ExceptionContext[] }> {
  const reports: ExceptionContext[] = []
  const result = await run((() => {
    getRunningLoop().setExceptionHandler((_, report) => reports.push(report))
    return program()
  }) as () => never)
  return { result: result as Result<R>, reports }
}

const FD_FOLDER = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd'

/** How many files and sockets this process has open. */
export function openFiles(): number {
  return readdirSync(FD_FOLDER).length
}

/** The processes that descend from `pid` and are not zombies, itself included. Linux only: elsewhere none. */
export function processTree(pid: number): number[] {
  if (process.platform !== 'linux') return []
  const children = new Map<number, number[]>()
  const living = new Set<number>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : null
    if (stat === null || stat.state === 'Z') continue
    living.add(Number(name))
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)])
  }
  const below = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)])
  return living.has(pid) ? [pid, ...below(pid)] : []
}

function statOf(pid: string): { state: string; parent: number } | null {
  try {
    const [, state = '', parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return { state, parent: Number(parent) }
  } catch {
    return null
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return process.platform !== 'linux' || statOf(String(pid))?.state !== 'Z'
}

/** Wait until `condition` holds, for two seconds at most. Returns whether it does. */
export async function eventually(condition: () => boolean): Promise<boolean> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  return condition()
}
