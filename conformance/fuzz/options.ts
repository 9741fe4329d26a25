/** The command line of the fuzzer. */
import { parseArgs } from 'node:util'
import { findPython } from '../oracle.ts'
import { FAMILIES, type FamilyName, isFamily } from './families/index.ts'
import { programOf } from './generate.ts'
import type { Program } from './program.ts'
import { RECORDED } from './recording.ts'
import { isSpelling, SPELLINGS, type Spelling } from './spellings.ts'

export const USAGE = `Usage: npm run fuzz -- [options]

Plays random programs with CPython's asyncio and with polvo, and compares their traces.

  --programs N      how many programs (default: 20000)
  --seed N          what they are made from (default: 1); a seed gives the same programs everywhere
  --from N          the number of the first one (default: 0), to repeat a program that differed
  --families LIST   with these families of operations, and no others: ${Object.keys(FAMILIES).join(', ')}
  --only SPELLING   in one spelling only: ${SPELLINGS.join(', ')}
  --program JSON    play this program and no others; as data, like it is printed for a minimal one
  --no-shrink       do not cut the first program that differs down to a minimal one, printed as Python and as data
  --python PATH     the Python to compare with (default: the first one >= 3.13 that is found)
  --recorded        play the ${RECORDED} programs whose traces are in the repository, which needs no Python;
                    where there is one, its traces have to be the recorded ones as well
  --record          write these traces anew, from CPython
  --help            print this

Exit status: 0 when all traces are equal, 1 when any differs, 2 for wrong arguments or where there is no Python.
`

/** What the traces are compared with; 'record' plays with CPython alone and keeps its traces. */
export type Mode = 'cpython' | 'recorded' | 'record'

export interface Options {
  readonly mode: Mode
  readonly subjects: Iterable<Subject>
  readonly count: number
  readonly spellings: readonly Spelling[]
  readonly shrinks: boolean
  /** null where there is none, which is so with `--recorded` only */
  readonly python: string | null
}

/** A program, and what to call it. */
export interface Subject {
  readonly name: string
  readonly program: Program
}

/** @throws TypeError for wrong arguments; Error where Python is missing */
export async function readOptions(): Promise<Options> {
  const { values } = parseArgs({
    options: {
      programs: { type: 'string' },
      seed: { type: 'string' },
      from: { type: 'string' },
      families: { type: 'string' },
      only: { type: 'string' },
      program: { type: 'string' },
      shrink: { type: 'boolean', default: true },
      python: { type: 'string' },
      recorded: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const { only, program } = values
  if (only !== undefined && !isSpelling(only)) throw new TypeError(`There is no spelling '${only}'.`)
  const mode = values.record ? 'record' : values.recorded ? 'recorded' : 'cpython'
  if (mode !== 'cpython')
    refuseBeside(`--${mode}`, values, ['programs', 'seed', 'from', 'families', 'program'])
  const count =
    program !== undefined
      ? 1
      : mode === 'cpython'
        ? readNumber('--programs', values.programs, 20_000)
        : RECORDED
  const seed = readNumber('--seed', values.seed, 1)
  const from = readNumber('--from', values.from, 0)
  const families = readFamilies(values.families)
  const python = values.python ?? (await findPython())
  if (python === null && mode !== 'recorded') {
    throw new Error(
      'There is no Python >= 3.13 here, which is what polvo is compared with. Name one with --python, or compare with the recorded traces: --recorded.',
    )
  }
  return {
    mode,
    subjects: program === undefined ? randomSubjects(seed, from, count, families) : [readSubject(program)],
    count,
    spellings: only === undefined ? SPELLINGS : [only],
    shrinks: values.shrink && mode === 'cpython',
    python,
  }
}

function refuseBeside(option: string, values: Record<string, unknown>, others: readonly string[]): void {
  const other = others.find((name) => values[name] !== undefined && values[name] !== false)
  if (other !== undefined) throw new TypeError(`${option} and --${other} exclude each other.`)
}

function readNumber(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new TypeError(`${option} takes a whole number, and was given '${text}'.`)
  }
  return number
}

function readSubject(json: string): Subject {
  try {
    return { name: 'the program', program: JSON.parse(json) }
  } catch (error) {
    throw new TypeError(`--program takes JSON: ${(error as Error).message}`)
  }
}

function readFamilies(list: string | undefined): FamilyName[] | null {
  if (list === undefined) return null
  return list.split(',').map((name) => {
    if (!isFamily(name)) throw new TypeError(`There is no family '${name}'.`)
    return name
  })
}

function* randomSubjects(
  seed: number,
  from: number,
  count: number,
  families: readonly FamilyName[] | null,
): Generator<Subject, void> {
  for (let number = from; number < from + count; number++) {
    yield { name: `program ${number} of seed ${seed}`, program: programOf(seed, number, families) }
  }
}
