/**
 * The differential fuzzer: plays random programs with CPython's asyncio and with polvo in every spelling, and compares the
 * traces. See ../README.md.
 */
import { describeDifference, differenceOf, excerptOf, hasParted } from './compare.ts'
import { Interpreter, type Player } from './interpreter.ts'
import { type Options, readOptions, type Subject, USAGE } from './options.ts'
import type { Program } from './program.ts'
import { pythonOf } from './python.ts'
import { Recording, record } from './recording.ts'
import { shrink } from './shrink.ts'
import type { Spelling } from './spellings.ts'

/** How many programs are under way at once. */
const BATCH = 1000

/** Of so many differing programs the source and the traces are shown. */
const SHOWN = 3

/** Who is compared with the oracle. Python is where the oracle is a recording. */
type Contestant = Spelling | 'python'

interface Outcome extends Subject {
  readonly wanted: readonly string[]
  readonly differing: readonly Difference[]
}

interface Difference {
  readonly contestant: Contestant
  readonly got: readonly string[]
}

/** The oracle, and polvo in one or more spellings, side by side. */
class Comparison {
  readonly #oracle: Player
  readonly #players: ReadonlyMap<Contestant, Player>

  constructor({ mode, python, spellings }: Options) {
    const players = new Map<Contestant, Player>(
      spellings.map((spelling) => [spelling, Interpreter.polvo(spelling)]),
    )
    if (mode === 'recorded' && python !== null) players.set('python', Interpreter.cpython(python))
    this.#oracle = mode === 'recorded' ? new Recording() : Interpreter.cpython(python!)
    this.#players = players
  }

  get contestants(): readonly Contestant[] {
    return [...this.#players.keys()]
  }

  async outcomeOf(subject: Subject): Promise<Outcome> {
    const { program } = subject
    const playing = [...this.#players].map(async ([contestant, player]) => ({
      contestant,
      got: await player.traceOf(program),
    }))
    const [wanted, ...results] = await Promise.all([this.#oracle.traceOf(program), ...playing])
    return { ...subject, wanted, differing: results.filter(({ got }) => differenceOf(wanted, got) !== null) }
  }

  /** Whether this one differs from the oracle. */
  async differs(program: Program, contestant: Contestant): Promise<boolean> {
    const [wanted, got] = await Promise.all([
      this.#oracle.traceOf(program),
      this.#players.get(contestant)!.traceOf(program),
    ])
    return differenceOf(wanted, got) !== null
  }

  close(): void {
    for (const interpreter of [this.#oracle, ...this.#players.values()]) interpreter.close()
  }
}

interface Findings {
  readonly differing: readonly Outcome[]
  /** How many were compared only up to where polvo differs on purpose. */
  readonly parted: number
}

/** Compare all of them, and report on the way. */
async function compareAll(comparison: Comparison, { subjects, count }: Options): Promise<Findings> {
  const differing: Outcome[] = []
  let parted = 0
  let done = 0
  for (const batch of inBatches(subjects)) {
    for (const outcome of await Promise.all(batch.map((subject) => comparison.outcomeOf(subject)))) {
      if (hasParted(outcome.wanted)) parted++
      if (outcome.differing.length === 0) continue
      differing.push(outcome)
      report(outcome, differing.length <= SHOWN)
    }
    done += batch.length
    if (count > 1) console.error(`${done} of ${count} programs, ${differing.length} differ`)
  }
  return { differing, parted }
}

function* inBatches<T>(items: Iterable<T>): Generator<T[], void> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** A line for each way in which the program goes wrong, which is mostly the same in all spellings. */
function report({ name, program, wanted, differing }: Outcome, inFull: boolean): void {
  const ways = Map.groupBy(differing, ({ got }) => describeDifference(wanted, got))
  for (const [problem, alike] of ways) {
    console.log(`${name} (${alike.map(({ contestant }) => contestant).join(', ')}): ${problem}`)
  }
  if (!inFull) return
  printIndented(pythonOf(program).split('\n'))
  for (const [{ contestant, got } = differing[0]!] of ways.values()) {
    console.log(`    "-" is what CPython does, "+" is ${contestant}:`)
    printIndented(excerptOf(wanted, got))
  }
}

async function reportMinimal(comparison: Comparison, { name, program, differing }: Outcome): Promise<void> {
  const { contestant } = differing[0]!
  const minimal = await shrink(program, (candidate) => comparison.differs(candidate, contestant))
  console.log(`\nThe least of ${name} that differs (${contestant}):\n`)
  printIndented(pythonOf(minimal).split('\n'))
  console.log(JSON.stringify(minimal))
  console.log()
  report(await comparison.outcomeOf({ name: 'It', program: minimal }), false)
}

function printIndented(lines: readonly string[]): void {
  for (const line of lines) console.log(line === '' ? '' : `    ${line}`)
}

function figures(contestants: readonly Contestant[], count: number, { differing, parted }: Findings): string {
  const shown = contestants.map((contestant) => {
    const failed = differing.filter((outcome) =>
      outcome.differing.some((one) => one.contestant === contestant),
    )
    return `${contestant} ${count - failed.length}/${count}`
  })
  return [`programs ${count}`, ...shown, `to a decision only: ${parted}`].join(', ')
}

async function compare(options: Options): Promise<boolean> {
  const comparison = new Comparison(options)
  try {
    const findings = await compareAll(comparison, options)
    const [first] = findings.differing
    if (options.shrinks && first !== undefined) await reportMinimal(comparison, first)
    console.log(figures(comparison.contestants, options.count, findings))
    return first === undefined
  } finally {
    comparison.close()
  }
}

async function recordAll({ subjects, python, count }: Options): Promise<void> {
  const oracle = Interpreter.cpython(python!)
  try {
    const programs = [...subjects].map(({ program }) => program)
    const traces = await Promise.all(programs.map((program) => oracle.traceOf(program)))
    record(programs.map(({ seed }, index) => ({ seed, trace: traces[index]! })))
    console.log(`recorded ${count} traces`)
  } finally {
    oracle.close()
  }
}

try {
  const options = await readOptions()
  if (options.mode === 'record') await recordAll(options)
  else process.exitCode = (await compare(options)) ? 0 : 1
} catch (error) {
  console.error((error as Error).message)
  if (error instanceof TypeError) console.error(`\n${USAGE}`)
  process.exitCode = 2
}
