/**
 * The packages as their users get them: built, packed, installed in a clean project, type-checked against, and imported under
 * plain Node, without our sources or conditions.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))

const consumer = mkdtempSync(join(tmpdir(), 'polvo-consumer-'))
try {
  install(packages.map(pack))
  cpSync(join(root, 'scripts', 'consumer'), consumer, { recursive: true })
  run('tsc', '-p', consumer)
  run('node', join(consumer, 'use.ts'))
  console.log('The packed packages work in a clean project.')
} finally {
  rmSync(consumer, { recursive: true, force: true })
}

/** Build and pack a package. Returns the path of the tarball. */
function pack(folder: string): string {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', consumer], {
    cwd: folder,
    encoding: 'utf8',
  })
  const [{ filename, files }] = JSON.parse(output) as [{ filename: string; files: { path: string }[] }]
  const sources = files.filter(({ path }) => path.startsWith('src/'))
  if (sources.length > 0)
    throw new Error(`${filename} holds sources: ${sources.map(({ path }) => path).join(', ')}`)
  return join(consumer, filename)
}

function install(tarballs: readonly string[]): void {
  const name = 'consumer'
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }))
  const types = ['@types/node@24']
  run(
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefix',
    consumer,
    ...tarballs,
    ...types,
  )
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: consumer, stdio: 'inherit' })
}
