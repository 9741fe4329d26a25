/** The cancellations of cancel-states.test.ts as a program, for sources that were changed: prints its violations as JSON. */
import { seeded } from '../../../core/test/support/random.ts'
import { createPool } from '../../src/index.ts'
import { cancelRuns } from './cancel-runs.ts'

const [port, runs, seed] = process.argv.slice(2).map(Number) as [number, number, number]
const { violations } = await cancelRuns({ createPool, port, runs, chance: seeded(seed), stopAfter: 1 })
process.stdout.write(JSON.stringify(violations))
process.exit(0)
