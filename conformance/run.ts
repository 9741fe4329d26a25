/**
 * Runs the twins of the Python programs in both spellings and compares what they print with the traces that
 * were recorded from CPython. Each program is a process of its own, with the flags this one was started with.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { MarkedCopies } from './marked.ts'
import { findPython } from './oracle.ts'
import {
  faultOf,
  hasTwin,
  programsNamed,
  pythonFile,
  recordedTrace,
  SPELLINGS,
  strayTwins,
  twinFile,
} from './programs.ts'
import { diffOf, messagesIn, problemOf, runProgram } from './trace.ts'

const USAGE = `Usage: node --conditions=polvo-source conformance/run.ts [options] [NAME…]

Runs the twins of the Python programs in conformance/python/ and compares their traces with the recorded ones.
With a NAME, only the programs whose name contains it, and with a diff of each difference ("-" is the record).

  --no-python   do not run the Python programs
  --record      fail where there is no Python >= 3.13 to compare the recorded traces with
  --help        print this

Without these two the Python programs are run where such a Python is found.
Exit status: 0 when all traces are equal, 1 when any differs, 2 for wrong arguments.
`

/** What the figures at the end count. */
const KINDS = ['generator', 'async', 'generator with coroutine()', 'python'] as const
type Kind = (typeof KINDS)[number]

/** One program to be run, in one spelling. */
interface Check {
  readonly program: string
  readonly kind: Kind
  /** What is wrong with it as it is written: then it is not run. */
  readonly fault?: string
  readonly command: readonly [interpreter: string, ...args: string[]]
}

interface Outcome extends Check {
  /** In one line; null where the trace is right. */
  readonly problem: string | null
  readonly diff: readonly string[]
  /** What went to stderr in spite of a right trace. */
  readonly remarks: readonly string[]
}

interface Options {
  readonly names: string[]
  readonly python: 'wanted' | 'required' | 'off'
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'no-python': { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  if (values.record && values['no-python'])
    throw new TypeError('--record and --no-python exclude each other.')
  for (const name of positionals) {
    if (programsNamed([name]).length === 0) throw new TypeError(`No program has '${name}' in its name.`)
  }
  return { names: positionals, python: values.record ? 'required' : values['no-python'] ? 'off' : 'wanted' }
}

function* twinChecks(programs: readonly string[]): Generator<Check> {
  for (const kind of SPELLINGS) {
    for (const program of programs) {
      if (!hasTwin(program, kind)) continue
      const fault = faultOf(program, kind)
      yield { program, kind, command: nodeOn(twinFile(program, kind)), ...(fault !== null && { fault }) }
    }
  }
}

function* markedChecks(programs: readonly string[]): Generator<Check> {
  const kind = 'generator with coroutine()'
  const copies = new MarkedCopies()
  for (const program of programs) {
    if (!program.startsWith('coroutine_') || faultOf(program, 'generator') !== null) continue
    yield { program, kind, command: nodeOn(copies.copyOf(twinFile(program, 'generator'))) }
  }
}

function pythonChecks(programs: readonly string[], interpreter: string): Check[] {
  return programs.map((program) => ({ program, kind: 'python', command: [interpreter, pythonFile(program)] }))
}

function nodeOn(file: string): Check['command'] {
  return [process.execPath, ...process.execArgv, file]
}

/** A trace that differs gets a second chance with the machine to itself: the programs keep real time. */
async function carryOutAll(checks: readonly Check[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const outcome of await inParallel(checks, availableParallelism() + 1, carryOut)) {
    const isAgain = outcome.problem !== null && outcome.fault === undefined
    if (isAgain) console.log(`${outcome.program} (${outcome.kind}): once more, on its own`)
    outcomes.push(isAgain ? await carryOut(outcome) : outcome)
  }
  return outcomes
}

async function carryOut(check: Check): Promise<Outcome> {
  if (check.fault !== undefined) return { ...check, problem: check.fault, diff: [], remarks: [] }
  const [interpreter, ...args] = check.command
  const ending = await runProgram(interpreter, args)
  const wanted = recordedTrace(check.program)
  const problem = problemOf(wanted, ending)
  const remarks = problem === null ? messagesIn(ending.stderr) : []
  return { ...check, problem, diff: problem === null ? [] : diffOf(wanted, ending), remarks }
}

/** Call `work` for each item, at most `width` at once. The results are in the order of the items. */
async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const line = items.entries()
  const worker = async () => {
    for (const [index, item] of line) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}

function report(outcomes: readonly Outcome[], withDiff: boolean): void {
  for (const { program, kind, problem, diff, remarks } of outcomes) {
    if (problem !== null) console.log(`${program} (${kind}): ${problem}`)
    if (withDiff) for (const line of diff) console.log(`    ${line}`)
    for (const remark of remarks)
      console.log(`${program} (${kind}): the trace is right, but stderr says ${remark}`)
  }
}

function figures(outcomes: readonly Outcome[]): string {
  const shown = KINDS.map((kind) => {
    const ofKind = outcomes.filter((outcome) => outcome.kind === kind)
    const passed = ofKind.filter(({ problem }) => problem === null)
    return ofKind.length === 0 ? [] : [`${kind} ${passed.length}/${ofKind.length}`]
  })
  return shown.flat().join(', ')
}

/** @returns whether all is well */
async function run({ names, python: use }: Options): Promise<boolean> {
  const programs = programsNamed(names)
  const python = use === 'off' ? null : await findPython()
  const checks = [
    ...twinChecks(programs),
    ...markedChecks(programs),
    ...(python === null ? [] : pythonChecks(programs, python)),
  ]
  const outcomes = await carryOutAll(checks)
  report(outcomes, names.length > 0)

  const strays = SPELLINGS.flatMap((spelling) => strayTwins(spelling).map((twin) => `${spelling}/${twin}.ts`))
  for (const stray of strays) console.log(`${stray}: no twin is expected of that name`)
  if (python === null && use !== 'off')
    console.log('There is no Python >= 3.13 here: the records were not checked.')
  console.log(figures(outcomes))

  const isPythonMissing = use === 'required' && python === null
  return strays.length === 0 && !isPythonMissing && outcomes.every(({ problem }) => problem === null)
}

let options: Options
try {
  options = readOptions()
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`)
  process.exit(2)
}
process.exitCode = (await run(options)) ? 0 : 1
