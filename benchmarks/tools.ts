/**
 * What of the contestants this machine has: two versions of Node, the peers' packages, the Pythons. What is absent is said
 * so, with the reason, and its contestants are skipped. Only Node 22 is installed when missing, into node22/.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export type Tool =
  | 'polvo'
  | 'native'
  | 'undici'
  | 'effect'
  | 'effection'
  | 'p-queue'
  | 'piscina'
  | 'pg'
  | 'fastify'
  | 'hono'
  | 'express'
  | 'asyncio'
  | 'asyncio-newest'
  | 'uvloop'
  | 'aiohttp'
  | 'uvicorn'
  | 'trio'
  | 'aiopg'
  | 'asyncpg'
  | 'ioredis'
  | 'node-redis'
  | 'redis-py'

export interface Present {
  version: string
  /** The program that runs its kernels. */
  binary: string
}

export interface Absent {
  absent: string
}

export interface Tools {
  of: Record<Tool, Present | Absent>
  node22: Present | Absent
}

const run = promisify(execFile)
const here = fileURLToPath(new URL('.', import.meta.url))
const OLDEST_PYTHON = '3.11.0'

export async function findTools(): Promise<Tools> {
  const asyncio = await python('/usr/bin/python3')
  const uvloop = await pythonPackage('uvloop', asyncio)
  return {
    of: {
      polvo: packaged('polvo'),
      native: { version: process.versions.node, binary: process.execPath },
      undici: packaged('undici'),
      effect: packaged('effect'),
      effection: packaged('effection'),
      'p-queue': packaged('p-queue'),
      piscina: packaged('piscina'),
      pg: packaged('pg'),
      fastify: packaged('fastify'),
      hono: packaged('hono'),
      express: packaged('express'),
      asyncio,
      'asyncio-newest': await newestPython(asyncio),
      uvloop,
      aiohttp: await pythonPackage('aiohttp', uvloop),
      uvicorn: await pythonPackage('uvicorn', uvloop),
      trio: await pythonPackage('trio', asyncio),
      aiopg: await pythonPackage('aiopg', asyncio),
      asyncpg: await pythonPackage('asyncpg', asyncio),
      ioredis: packaged('ioredis'),
      'node-redis': packaged('redis'),
      'redis-py': await pythonPackage('redis', asyncio),
    },
    node22: await findNode22(),
  }
}

export function isAbsent(found: Present | Absent): found is Absent {
  return 'absent' in found
}

function packaged(name: string): Present | Absent {
  try {
    const file = findPackageJSON(name, import.meta.url)
    if (file === undefined) return { absent: `the package ${name} has no package.json` }
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
    return { version, binary: process.execPath }
  } catch {
    return { absent: `the package ${name} is not installed` }
  }
}

async function findNode22(): Promise<Present | Absent> {
  const folder = join(here, 'node22')
  const binary = join(folder, 'node_modules/node/bin/node')
  try {
    if (!existsSync(binary)) {
      console.error('Installing Node 22 for the second column.')
      await run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], { cwd: folder })
    }
    const { stdout } = await run(binary, ['-p', 'process.versions.node'])
    return { version: stdout.trim(), binary }
  } catch (error) {
    return { absent: `no Node 22 in ${folder}, and it could not be installed: ${firstLine(error)}` }
  }
}

async function python(binary: string): Promise<Present | Absent> {
  if (!existsSync(binary)) return { absent: `there is no ${binary}` }
  try {
    const { stdout } = await run(binary, ['-c', 'import platform; print(platform.python_version())'])
    const version = stdout.trim()
    if (compareVersions(version, OLDEST_PYTHON) >= 0) return { version, binary }
    return { absent: `${binary} is Python ${version}, and asyncio.TaskGroup came with ${OLDEST_PYTHON}` }
  } catch (error) {
    return { absent: `${binary} does not run: ${firstLine(error)}` }
  }
}

/** The newest Python of pyenv, where it is newer than the system's. */
async function newestPython(system: Present | Absent): Promise<Present | Absent> {
  const folder = join(homedir(), '.pyenv/versions')
  const versions = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^\d+\.\d+\.\d+$/.test(name))
    : []
  const newest = versions.sort(compareVersions).at(-1)
  if (newest === undefined) return { absent: `no Python in ${folder}` }
  if (!isAbsent(system) && compareVersions(newest, system.version) <= 0) {
    return { absent: `the Pythons in ${folder} are not newer than ${system.binary}` }
  }
  const found = await python(join(folder, newest, 'bin/python'))
  return isAbsent(found) ? found : { ...found, version: found.version + (await handicapOf(found.binary)) }
}

/** Say it where a Python was built from source the quick way, as pyenv does by default: it is the slower for it. */
async function handicapOf(binary: string): Promise<string> {
  const { stdout } = await run(binary, [
    '-c',
    'import sysconfig; print(sysconfig.get_config_var("CONFIG_ARGS"))',
  ])
  return stdout.includes('--enable-optimizations') ? '' : ' (built without --enable-optimizations)'
}

async function pythonPackage(name: string, system: Present | Absent): Promise<Present | Absent> {
  if (isAbsent(system)) return system
  try {
    const { stdout } = await run(system.binary, ['-c', `import ${name}; print(${name}.__version__)`])
    return { version: stdout.trim(), binary: system.binary }
  } catch {
    return { absent: `${system.binary} has no ${name} (Debian and Ubuntu: python3-${name})` }
  }
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? ''
}
