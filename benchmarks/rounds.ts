/**
 * Runs the rounds of a row: in each, one fresh process for every contestant, in an order shuffled anew, one at a time. What
 * disturbs the machine for a while then disturbs neighbours, and the ratios within a round say so least.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Measurements } from './analysis.ts'
import { budgets } from './budgets.ts'
import type { Sample } from './kernel.ts'
import { CONTROL, type Contestant, NATIVE, type Row } from './row.ts'
import { shuffled } from './statistics.ts'
import { isAbsent, type Tool, type Tools } from './tools.ts'
import { peersOf } from './verdict.ts'

/** What `sample.py` runs a kernel on, where it is not asyncio itself. */
const pythonLoops: Partial<Record<Tool, string>> = {
  uvloop: 'uvloop',
  aiohttp: 'uvloop',
  uvicorn: 'uvloop',
  asyncpg: 'uvloop',
  'redis-py': 'uvloop',
  trio: 'trio',
}

const SAMPLE_TIMEOUT_MS = 10 * 60_000

const run = promisify(execFile)
const here = fileURLToPath(new URL('.', import.meta.url))

export async function runRounds(
  row: Row,
  tools: Tools,
  rounds: number,
  random: () => number,
): Promise<Measurements> {
  const measurements: Measurements = {
    row,
    rounds,
    samples: new Map(),
    missing: new Map(),
    failed: new Set(),
  }
  const present: Runnable[] = []
  for (const contestant of row.contestants) {
    const found = contestant.isUnderNode22 ? tools.node22 : tools.of[contestant.tool]
    if (isAbsent(found)) measurements.missing.set(contestant.id, found.absent)
    else present.push({ contestant, binary: found.binary })
  }
  for (const { contestant } of present) measurements.samples.set(contestant.id, [])
  const last = Math.max(...present.map(({ contestant }) => roundsOf(contestant, row, rounds)))
  for (let round = 1; round <= last; round++) {
    const start = performance.now()
    const inThisRound = present.filter(({ contestant }) => round <= roundsOf(contestant, row, rounds))
    for (const runnable of shuffled(inThisRound, random)) await addSample(measurements, runnable, round)
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    console.error(`${row.name}: round ${round} of ${last} took ${seconds} s`)
  }
  return measurements
}

/**
 * Contestants that no budget needs, which are most of those under Node 22, take part in the first fifth of the rounds. So
 * do all of a row without budgets.
 */
export function roundsOf({ id }: Contestant, { name }: Row, rounds: number): number {
  const ofThisRow = budgets.filter((budget) => budget.row === name)
  const needed = ofThisRow.flatMap(({ ours, limit }) => [ours, ...peersOf(limit), NATIVE, CONTROL])
  return needed.includes(id) ? rounds : Math.ceil(rounds / 5)
}

interface Runnable {
  contestant: Contestant
  binary: string
}

/** One that fails is out: pairs need a sample in every round. */
async function addSample(
  { row, samples, missing, failed }: Measurements,
  runnable: Runnable,
  round: number,
): Promise<void> {
  const { id } = runnable.contestant
  if (failed.has(id)) return
  try {
    const sample = await takeSample(row, runnable)
    samples.get(id)!.push(sample)
  } catch (error) {
    samples.delete(id)
    missing.set(id, `failed in round ${round}: ${messageOf(error)}`)
    failed.add(id)
    console.error(`${row.name} ${id} ${missing.get(id)}`)
  }
}

async function takeSample(row: Row, { contestant, binary }: Runnable): Promise<Sample> {
  const { kernel, tool, sizes } = contestant
  const what = [row.kind, kernel, JSON.stringify(sizes)]
  const args = kernel.endsWith('.py')
    ? ['-B', 'sample.py', pythonLoops[tool] ?? 'asyncio', ...what, process.execPath]
    : [...(row.kind === 'memory' ? ['--expose-gc'] : []), 'sample.ts', ...what]
  const { stdout } = await run(binary, args, { cwd: here, env: plainEnv(), timeout: SAMPLE_TIMEOUT_MS })
  return JSON.parse(stdout) as Sample
}

/** The environment without what could change a runtime: options, debug modes, other search paths. */
function plainEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_|POLVO_|PYTHON)/.test(name)),
  )
}

/** Why a process failed: the line of its output that names the error. */
function messageOf(error: unknown): string {
  const { stderr = '', message, killed } = error as Error & { stderr?: string; killed?: boolean }
  if (killed) return `it took longer than ${SAMPLE_TIMEOUT_MS / 60_000} minutes`
  const line = stderr.split('\n').find((each) => /(Error|Exception)\b.*:|FATAL ERROR/.test(each))
  return (line ?? message).trim()
}
