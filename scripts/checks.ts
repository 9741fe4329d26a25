/** What `npm test` consists of. Each check counts what passed and what failed, so that the last line can add it up. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Count {
  readonly passed: number
  readonly failed: number
}

export interface Check {
  readonly name: string
  run(): Promise<Count>
}

const root = join(import.meta.dirname, '..')

/** Run a command with its output shown. Returns its exit status. */
function runCommand(command: string, ...args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('exit', (status, signal) => resolve(status ?? (signal === null ? 1 : 128)))
  })
}

/** A check that is a command: it passes with status 0. */
export function command(name: string, program: string, ...args: string[]): Check {
  return {
    name,
    async run() {
      const status = await runCommand(program, ...args)
      return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
    },
  }
}

/** The Vitest suites: every test counts. A suite that cannot even be loaded is a failure. */
export const suites: Check = {
  name: 'tests',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'polvo-tests-'))
    const file = join(folder, 'results.json')
    try {
      const status = await runCommand(
        'vitest',
        'run',
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${file}`,
      )
      const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(await readFile(file, 'utf8'))
      const failed = Math.max(numFailedTests, numFailedTestSuites)
      return { passed: numPassedTests, failed: status === 0 ? failed : Math.max(1, failed) }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}
