/** `npm test`: lint, types, suites, the packages as a consumer gets them. Ends with one line: `N passed, N failed`. */
import { type Check, type Count, command, suites } from './checks.ts'

const CHECKS: readonly Check[] = [
  command('lint and format', 'biome', 'check', '--error-on-warnings'),
  command(
    'types of the packages',
    'tsc',
    '-b',
    'packages/core',
    'packages/http',
    'packages/postgres',
    'packages/redis',
    'packages/threads',
  ),
  command('types of the tests of core', 'tsc', '-p', 'packages/core/test'),
  command('types of the tests of http', 'tsc', '-p', 'packages/http/test'),
  command('types of the tests of postgres', 'tsc', '-p', 'packages/postgres/test'),
  command('types of the tests of redis', 'tsc', '-p', 'packages/redis/test'),
  command('types of the tests of threads', 'tsc', '-p', 'packages/threads/test'),
  command('types of the examples', 'tsc', '-p', 'examples'),
  command('types of the benchmarks', 'tsc', '-p', 'benchmarks'),
  command('types of the conformance programs', 'tsc', '-p', 'conformance'),
  command('types of the scripts', 'tsc', '-p', 'scripts'),
  command('types of the root tests', 'tsc', '-p', 'test'),
  suites,
  command('conformance', 'node', '--conditions=polvo-source', 'conformance/run.ts'),
  command('random programs', 'node', '--conditions=polvo-source', 'conformance/fuzz/run.ts', '--recorded'),
  command('packages in a clean consumer', 'node', 'scripts/pack-test.ts'),
]

const total = { passed: 0, failed: 0 }
const failures: string[] = []

for (const check of CHECKS) {
  console.log(`\n── ${check.name}`)
  const began = performance.now()
  const { passed, failed }: Count = await check.run()
  console.log(`   ${passed} passed, ${failed} failed in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  total.passed += passed
  total.failed += failed
  if (failed > 0) failures.push(check.name)
}

if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
