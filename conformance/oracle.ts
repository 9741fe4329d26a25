/** Finding the oracle: a Python whose asyncio is the one that polvo is measured by. */
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './trace.ts'

const CHECK_VERSION = 'import sys; sys.exit(sys.version_info < (3, 13))'

/** The first interpreter of Python 3.13 or later that is found on this machine; null where there is none. */
export async function findPython(): Promise<string | null> {
  for (const interpreter of ['python3.13', 'python3', ...pythonsOfPyenv()]) {
    const { fault } = await runProgram(interpreter, ['-c', CHECK_VERSION])
    if (fault === null) return interpreter
  }
  return null
}

function pythonsOfPyenv(): string[] {
  const versions = join(homedir(), '.pyenv', 'versions')
  if (!existsSync(versions)) return []
  const recent = readdirSync(versions).filter((version) => /^3\.1[3-9]/.test(version))
  return recent.sort().map((version) => join(versions, version, 'bin', 'python3'))
}
