/** What a number cannot be read without: the machine, its load, the versions, the date. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Absent, isAbsent, type Present, type Tools } from './tools.ts'

export interface Environment {
  date: string
  cpu: string
  cores: number
  memoryGiB: number
  system: string
  /** Of the last minute, when the run began. */
  load: number
  v8: string
  /** The commit that was measured, and whether packages/core was changed since. */
  commit: string
  /** By name; what is absent has its reason in `absent`. */
  versions: Record<string, string>
  absent: Record<string, string>
}

export function readEnvironment(tools: Tools): Environment {
  const versions: Record<string, string> = {}
  const absent: Record<string, string> = {}
  for (const [title, found] of named(tools)) {
    if (isAbsent(found)) absent[title] = found.absent
    else versions[title] = found.version
  }
  const processors = cpus()
  return {
    date: new Date().toISOString(),
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    load: currentLoad(),
    v8: process.versions.v8,
    commit: commit(),
    versions,
    absent,
  }
}

function named({ of, node22 }: Tools): [title: string, found: Present | Absent][] {
  return [
    ['polvo', of.polvo],
    ['Node', of.native],
    ['Node for the second column', node22],
    ['Effect', of.effect],
    ['Effection', of.effection],
    ['p-queue', of['p-queue']],
    ['undici', of.undici],
    ['piscina', of.piscina],
    ['Fastify', of.fastify],
    ['Hono', of.hono],
    ['Express', of.express],
    ['CPython', of.asyncio],
    ['newest CPython', of['asyncio-newest']],
    ['uvloop', of.uvloop],
    ['aiohttp', of.aiohttp],
    ['uvicorn', of.uvicorn],
    ['Trio', of.trio],
    ['ioredis', of.ioredis],
    ['node-redis', of['node-redis']],
    ['redis-py', of['redis-py']],
  ]
}

export function currentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  try {
    const isChanged = git('status', '--porcelain', 'packages/core') !== ''
    return git('rev-parse', '--short', 'HEAD') + (isChanged ? ', packages/core changed since' : '')
  } catch {
    return 'unknown'
  }
}
