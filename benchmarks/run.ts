/**
 * `npm run bench`: builds polvo, runs the rows, prints the tables, keeps the samples. Exit status 0; 1 for --check with a
 * budget missed, or where nothing could be run; 2 for a void run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { analyse } from './analysis.ts'
import { currentLoad, readEnvironment } from './environment.ts'
import { help, type Options, readOptions, UsageError } from './options.ts'
import { withResults } from './readme.ts'
import { budgetsThatAre, isVoid, type Run, report } from './report.ts'
import { runRounds } from './rounds.ts'
import { rows } from './rows.ts'
import { randomFrom } from './statistics.ts'
import { findTools } from './tools.ts'

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

async function bench(options: Options): Promise<number> {
  if (!buildPolvo()) return 1
  const run = await measure(options)
  const text = report(run)
  console.log(text)
  keepSamples(run, options.json ?? pathOf(`results/${run.environment.date.replaceAll(':', '-')}.json`))
  if (isVoid(run)) {
    console.error('The run is void.')
    return 2
  }
  if (options.isWrite) {
    const file = pathOf('README.md')
    writeFileSync(file, withResults(readFileSync(file, 'utf8'), text))
  }
  return options.isCheck && budgetsThatAre('missed', run).length > 0 ? 1 : 0
}

/** polvo is measured as it is published: from dist. The core comes last: the others' builds compile it anew, and join nothing. */
function buildPolvo(): boolean {
  const isBuilt = ['http', 'postgres', 'threads', 'redis', 'core'].every((name) => {
    const cwd = pathOf(`../packages/${name}`)
    return spawnSync('npm', ['run', '--silent', 'prepack'], { cwd, stdio: 'inherit' }).status === 0
  })
  if (!isBuilt) console.error('The packages do not build; there is nothing to measure.')
  return isBuilt
}

async function measure({ rows, rounds, seed }: Options): Promise<Run> {
  const tools = await findTools()
  const environment = readEnvironment(tools)
  console.error(`Seed ${seed}, ${rounds} rounds of ${rows.map((row) => row.name).join(', ')}.`)
  const random = randomFrom(seed)
  const results = []
  for (const row of rows) results.push(analyse(await runRounds(row, tools, rounds, random), seed))
  return { environment, loadAfter: currentLoad(), rounds, seed, rows: results }
}

function keepSamples({ environment, loadAfter, rounds, seed, rows }: Run, file: string): void {
  const kept = {
    environment,
    loadAfter,
    rounds,
    seed,
    rows: rows.map(({ control, judged, measurements: { row, samples, missing } }) => ({
      ...row,
      samples: Object.fromEntries(samples),
      missing: Object.fromEntries(missing),
      control,
      judged,
    })),
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
  console.error(`All samples: ${file}`)
}

function list(): void {
  for (const { name, title, contestants } of rows) {
    console.log(`${name}: ${title}`)
    for (const { id, label } of contestants) console.log(`  ${id.padEnd(16)}${label}`)
  }
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.wants === 'help') console.log(help)
  else if (options.wants === 'list') list()
  else process.exitCode = await bench(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${help}`)
  process.exitCode = 1
}
