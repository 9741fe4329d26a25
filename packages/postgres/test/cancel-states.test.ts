// A statement cancelled in any state of the protocol leaves nothing behind, and never strikes the one after it.
import { expect, test } from 'vitest'
import { seeded } from '../../core/test/support/random.ts'
import { createPool } from '../src/index.ts'
import { cancelRuns, STATES } from './support/cancel-runs.ts'
import { describePostgres } from './support/servers.ts'

const SEED = 7

describePostgres('1,000 statements and transactions, cancelled in every state of the protocol', (world) => {
  test('leave no dirty connection, no foreign row and no session, and what is acknowledged is there', async () => {
    const report = await cancelRuns({ createPool, port: world.server.port, runs: 1000, chance: seeded(SEED) })
    const lines = Object.entries(report.histogram).map(([state, count]) => `${state.padEnd(12)}${count}`)
    console.log(
      [`seed ${SEED}`, ...lines, `too late    ${report.tooLate}`, `committed   ${report.committed}`].join(
        '\n',
      ),
    )
    expect(report.violations).toEqual([])
    for (const state of STATES) expect(report.histogram[state], state).toBeGreaterThanOrEqual(20)
  }, 60_000)
})
