/**
 * Set up the working copy: install the dependencies when they are missing or do not belong to the lock file. The pre-scripts
 * of npm run it, so it must work on whatever Node is installed (20 or later); what it installs holds the Node that
 * everything else runs on.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')
const stamp = join(root, 'node_modules', '.installed-for')
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock
if (!isInstalled) {
  console.error(
    'Installing the dependencies (npm ci); this happens once, and after the lock file has changed.',
  )
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    console.error('npm ci failed; see above. It needs the npm registry once.')
    process.exit(status ?? 1)
  }
  writeFileSync(stamp, lock)
}
