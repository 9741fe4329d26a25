// The test of cancellations can fail: it does, once what makes it pass is taken out of the sources.
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { afterTest, describePostgres } from './support/servers.ts'

const folder = join(import.meta.dirname, '..')

/** A copy of this package, beside the other packages and dependencies. */
function copyOfPackage(): string {
  const top = mkdtempSync(join(tmpdir(), 'polvo-patched-'))
  afterTest(() => rmSync(top, { recursive: true }))
  const copy = join(top, 'postgres')
  for (const part of ['src', 'test/support', 'package.json']) {
    cpSync(join(folder, part), join(copy, part), { recursive: true })
  }
  symlinkSync(join(folder, '../core'), join(top, 'core'))
  symlinkSync(join(folder, '../../node_modules'), join(top, 'node_modules'))
  return copy
}

describePostgres('the test of cancellations', (world) => {
  const violationsOf = async (copy: string, runs: number): Promise<string[]> => {
    const program = join(copy, 'test/support/cancel-program.ts')
    const args = ['--conditions=polvo-source', program, String(world.server.port), String(runs), '7']
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 25_000 })
    return JSON.parse(stdout)
  }

  test('passes with the sources as they are', async () => {
    expect(await violationsOf(copyOfPackage(), 50)).toEqual([])
  }, 30_000)

  test.each([
    ['the wait for ReadyForQuery', 'no-wait-for-ready', /./],
    [
      'the wait for the end of the cancel request',
      'no-wait-for-request',
      /canceling statement due to user request/,
    ],
  ])(
    'fails when %s is taken out',
    async (_, patch, violation) => {
      const copy = copyOfPackage()
      execFileSync('git', ['apply', join(folder, `test/patches/${patch}.patch`)], { cwd: copy })
      const violations = await violationsOf(copy, 400)
      expect(violations.join('\n')).toMatch(violation)
    },
    30_000,
  )
})
