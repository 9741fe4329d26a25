/** What `npm pack` needs of a package before: a build, and the licence. Runs in the folder of the package. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

rmSync('dist', { recursive: true, force: true })
execFileSync('tsc', ['-b', '--force'], { stdio: 'inherit' })
copyFileSync(join(import.meta.dirname, '..', 'LICENSE'), 'LICENSE')
