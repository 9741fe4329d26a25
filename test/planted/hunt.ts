/**
 * Bugs that are planted, to see that they are found: each patch beside this file breaks the core in one place, and the cancellation sweep,
 * the exploration of schedules and the fuzzer have to find it within a minute each. `npm run planted`; a name runs one of them.
 */
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** How long a hunt may take, in milliseconds. */
const LIMIT = 60_000

const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** What is run in a copy of the project; it fails where it finds something. */
const HUNTS: Record<string, readonly string[]> = {
  sweep: [vitest, 'run', 'packages/core/test/proof/scenes.test.ts', '-t', 'can be cancelled', '--bail', '1'],
  exploration: [
    vitest,
    'run',
    'packages/core/test/proof/scenes.test.ts',
    'packages/core/test/proof/linearizability.test.ts',
    '-t',
    'holds in any order|agrees with its model',
    '--bail',
    '1',
  ],
  fuzzer: ['--conditions=polvo-source', 'conformance/fuzz/run.ts', '--programs', '1500', '--seed', '5'],
}

/** A copy of the project in which a patch is applied, with the same installed packages. */
function copyWith(patch: string | null): string {
  const copy = mkdtempSync(join(tmpdir(), 'polvo-planted-'))
  for (const name of [
    'packages/core',
    'conformance',
    'vitest.config.ts',
    'package.json',
    'tsconfig.base.json',
  ]) {
    const isNeeded = (path: string) => !/\/(node_modules|dist)(\/|$)/.test(path.slice(root.length))
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: isNeeded })
  }
  mkdirSync(join(copy, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const isOurs = name === 'polvo' || name === '@polvo'
    if (!isOurs) symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  }
  symlinkSync(join(copy, 'packages/core'), join(copy, 'node_modules/polvo'))
  if (patch !== null) execFileSync('git', ['apply', join(import.meta.dirname, patch)], { cwd: copy })
  return copy
}

type Verdict = 'found something' | 'found nothing' | 'did not come to its end'

/** What a hunt came to, and how long it took. */
function hunt(copy: string, args: readonly string[]): Promise<{ verdict: Verdict; seconds: number }> {
  const began = performance.now()
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy, timeout: LIMIT, maxBuffer: 2 ** 28 }, (error) => {
      const seconds = (performance.now() - began) / 1000
      const verdict =
        error === null ? 'found nothing' : error.code === 1 ? 'found something' : 'did not come to its end'
      resolve({ verdict, seconds })
    })
  })
}

const wanted = process.argv[2]
const patches = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.patch'))
  .filter((name) => wanted === undefined || basename(name, '.patch') === wanted)
let missed = 0

for (const patch of [null, ...patches]) {
  const name = patch === null ? 'nothing' : basename(patch, '.patch')
  const copy = copyWith(patch)
  for (const [tool, args] of Object.entries(HUNTS)) {
    const { verdict, seconds } = await hunt(copy, args)
    const isRight = verdict === (patch === null ? 'found nothing' : 'found something')
    if (!isRight) missed++
    console.log(
      `${isRight ? 'ok   ' : 'WRONG'} planted in ${name}: the ${tool} ${verdict} in ${seconds.toFixed(1)} s`,
    )
  }
  rmSync(copy, { recursive: true })
}
process.exitCode = missed === 0 ? 0 : 1
