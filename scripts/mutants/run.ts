/**
 * Mutation testing of packages/core: changes one expression or statement at a time, and sees whether a test notices. By hand, since
 * it takes minutes: `npm run mutants [-- MODULE…]`.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { equivalents } from './equivalent.ts'
import type { Mutation } from './mutations.ts'
import { Results } from './results.ts'
import { Tests } from './tests.ts'
import { type Fate, Trial, type Verdict } from './trial.ts'
import { CACHE, Workshop } from './workshop.ts'

const USAGE = `Usage: npm run mutants [-- [options] [MODULE…]]

Changes the modules of packages/core, one expression or statement at a time, and runs the tests that come past it.
With a MODULE, as in sync/lock or structured, only those whose name contains it.

  --workers N   how many processes try mutants at once; 2 otherwise
  --fresh       try all of them again, also those whose fate is known from before
  --only TEXT   only with tests whose file or name contains it (may be repeated); what survives is not noted,
                and what equivalent.json explains is not tried
  --thorough    try each with all tests that come past it, and not with two seconds' worth of the likeliest
  --kills       say which test killed each mutant
  --help        print this

Exit status: 0 when every survivor is in equivalent.json and they are at most 3 %, 1 when not, 2 for wrong arguments.
`

/** How many of all mutants may survive. */
const ALLOWED = 0.03

const ALIVE: Verdict = { fate: 'survived' }

interface Options {
  readonly names: readonly string[]
  readonly workers: number
  readonly fresh: boolean
  readonly kills: boolean
  readonly only: readonly string[]
  readonly thorough: boolean
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      workers: { type: 'string', default: '2' },
      fresh: { type: 'boolean', default: false },
      kills: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      thorough: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const workers = Number(values.workers)
  if (!Number.isInteger(workers) || workers < 1)
    throw new TypeError(`--workers takes a number from 1, and was given '${values.workers}'.`)
  const { fresh, kills, only, thorough } = values
  return { names: positionals, workers, fresh, kills, only, thorough }
}

function chosen(workshop: Workshop, names: readonly string[]): Mutation[] {
  const modules = [...workshop.hashes.keys()]
  for (const name of names) {
    if (!modules.some((module) => module.includes(name)))
      throw new TypeError(`No module has '${name}' in its name. There are: ${modules.join(', ')}`)
  }
  return workshop.mutations.filter(
    ({ module }) => names.length === 0 || names.some((name) => module.includes(name)),
  )
}

async function tryAll(
  mutations: readonly Mutation[],
  workshop: Workshop,
  tests: Tests,
  results: Results,
  { workers, fresh, only }: Options,
): Promise<Map<Mutation, Verdict>> {
  const verdicts = new Map<Mutation, Verdict>()
  const reasons = equivalents()
  const open: Mutation[] = []
  for (const mutation of mutations) {
    const isExplained = only.length > 0 && reasons.has(mutation.key)
    const known = isExplained ? ALIVE : fresh ? null : results.get(mutation)
    if (known === null) open.push(mutation)
    else {
      verdicts.set(mutation, known)
      if (known.by !== undefined) tests.noteKill(mutation.module, known.by)
    }
  }
  console.error(`${mutations.length} mutants, ${open.length} of them to be tried`)
  const line = open.entries()
  const began = performance.now()
  const work = async () => {
    const trial = new Trial(workshop, tests)
    try {
      for (const [index, mutation] of line) {
        const verdict = await trial.verdictOn(mutation, results.lastKiller(mutation))
        verdicts.set(mutation, verdict)
        if (only.length === 0 || verdict.by !== undefined) results.set(mutation, verdict)
        if (verdict.by !== undefined) tests.noteKill(mutation.module, verdict.by)
        if (index % 50 !== 49) continue
        results.save()
        console.error(
          `${index + 1} of ${open.length} after ${((performance.now() - began) / 1000).toFixed(0)} s`,
        )
      }
    } finally {
      trial.close()
      results.save()
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return verdicts
}

/** Print the survivors, and the figures. Returns whether all is as it should be. */
function report(
  verdicts: ReadonlyMap<Mutation, Verdict>,
  mutations: readonly Mutation[],
  { names, kills }: Options,
): boolean {
  const reasons = equivalents()
  const unexplained = new Set<Mutation>()
  for (const mutation of mutations) {
    const { fate, by, why } = verdicts.get(mutation) as Verdict
    const place = `packages/core/src/${mutation.module}.ts:${mutation.line}`
    if (kills)
      console.log(`${place} ${fate} ${mutation.key}${by === undefined ? '' : `\n    ${by}: ${why ?? ''}`}`)
    if (isAlive(fate) && !reasons.has(mutation.key)) {
      unexplained.add(mutation)
      if (!kills) console.log(`${place} ${fate}\n    ${mutation.key}`)
    }
  }
  const total = { killed: 0, timeout: 0, survived: 0, uncovered: 0 }
  const width = Math.max(...mutations.map(({ module }) => module.length))
  console.log(`\n${'module'.padEnd(width)}  mutants  killed  timeouts  survived  (of them equivalent)`)
  for (const [module, group] of Map.groupBy(mutations, (mutation) => mutation.module)) {
    const count = { killed: 0, timeout: 0, survived: 0, uncovered: 0 }
    for (const mutation of group) count[(verdicts.get(mutation) as Verdict).fate]++
    for (const fate of Object.keys(count) as Fate[]) total[fate] += count[fate]
    const alive = count.survived + count.uncovered
    const open = group.filter((mutation) => unexplained.has(mutation)).length
    console.log(
      figures(module.padEnd(width), [group.length, count.killed, count.timeout, alive, alive - open]),
    )
  }
  const alive = total.survived + total.uncovered
  const share = alive / mutations.length
  console.log(
    figures('all'.padEnd(width), [
      mutations.length,
      total.killed,
      total.timeout,
      alive,
      alive - unexplained.size,
    ]),
  )
  console.log(`${(100 * share).toFixed(1)} % survive; ${(100 * ALLOWED).toFixed(0)} % may`)
  const stale = [...reasons.keys()].filter((key) => isStale(key, mutations, verdicts, names))
  for (const key of stale) console.log(`equivalent.json has what does not survive: ${key}`)
  return unexplained.size === 0 && stale.length === 0 && (names.length > 0 || share <= ALLOWED)
}

/** Whether a reason is given for what does not survive, or is not there; of the modules that were chosen. */
function isStale(
  key: string,
  mutations: readonly Mutation[],
  verdicts: ReadonlyMap<Mutation, Verdict>,
  names: readonly string[],
): boolean {
  const mutation = mutations.find((one) => one.key === key)
  if (mutation === undefined) return names.length === 0
  return !isAlive((verdicts.get(mutation) as Verdict).fate)
}

function isAlive(fate: Fate): boolean {
  return fate === 'survived' || fate === 'uncovered'
}

function figures(
  module: string,
  [mutants, killed, timeouts, survived, equivalent]: readonly number[],
): string {
  const columns = [
    String(mutants).padStart(7),
    String(killed).padStart(6),
    String(timeouts).padStart(8),
    String(survived).padStart(8),
    `(${equivalent})`.padStart(20),
  ]
  return `${module}  ${columns.join('  ')}`
}

async function run(options: Options): Promise<boolean> {
  mkdirSync(CACHE, { recursive: true })
  const workshop = new Workshop()
  try {
    const mutations = chosen(workshop, options.names)
    const tests = await Tests.measure(workshop, options.only, options.thorough)
    console.error(`${tests.count} tests, beside ${tests.unfit.size} that do not work here`)
    for (const [key, why] of tests.unfit) console.error(`  ${key}: ${why.slice(0, 60)}`)
    const results = new Results(workshop, options.thorough)
    const verdicts = await tryAll(mutations, workshop, tests, results, options)
    return report(verdicts, mutations, options)
  } finally {
    rmSync(workshop.folder, { recursive: true, force: true })
  }
}

try {
  process.exitCode = (await run(readOptions())) ? 0 : 1
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
