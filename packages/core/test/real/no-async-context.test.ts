/** Where the platform has no async context, the generator spelling works all the same, and the other one is refused. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('generators run; async functions are refused with what to do', async () => {
  const program = join(import.meta.dirname, 'programs/no-async-context.ts')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=polvo-source', '--no-warnings', program],
    { timeout: 20_000 },
  )
  const refusal =
    'is async, and this platform has no async context by which its awaits would find their task. ' +
    'Use the generator spelling: function* and yield*.'
  expect(stdout.trimEnd().split('\n')).toEqual([
    'generators 1,2,3,4',
    expect.stringContaining(refusal),
    `async body TypeError body() ${refusal}`,
  ])
})
