/** The command line of the benchmark. */
import { parseArgs } from 'node:util'
import type { Row } from './row.ts'
import { rows } from './rows.ts'
import { ROUNDS_FOR_A_VERDICT } from './verdict.ts'

export const help = `npm run bench -- [NAME…] [options]

Runs the benchmark's rows, or those named, and prints their tables. A name is a row (resume-10) or a family (resume).

  --rounds N    rounds of each row, ${ROUNDS_FOR_A_VERDICT} by default; fewer give no verdict
  --quick       2 rounds, for a look
  --check       exit status 1 when a budget is missed; those undecided are listed, and are no failure
  --write       put the tables of a full run into benchmarks/README.md
  --json FILE   where all samples go; by default into benchmarks/results/
  --seed N      of the contestants' order and of the intervals; printed with the results
  --list        the rows, and who takes part
  --help        this

Exit status 2: a control pair does not read 1.00 ± 0.03, and the run is void.`

export interface Options {
  rows: readonly Row[]
  rounds: number
  seed: number
  json: string | null
  isCheck: boolean
  isWrite: boolean
  wants: 'run' | 'list' | 'help'
}

/** What is wrong with the command line, for the user. */
export class UsageError extends Error {}

/** @throws UsageError that says what to write instead. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args)
  const { quick = false, check = false, write = false, list = false } = values
  if (quick && values.rounds !== undefined) throw new UsageError('--quick is --rounds 2; give one of them.')
  const rounds = quick ? 2 : wholeNumber('--rounds', values.rounds ?? `${ROUNDS_FOR_A_VERDICT}`)
  if (rounds === 0) throw new UsageError('--rounds takes 1 or more.')
  if (check && rounds < ROUNDS_FOR_A_VERDICT) {
    throw new UsageError(`--check needs verdicts, and those need ${ROUNDS_FOR_A_VERDICT} rounds.`)
  }
  if (write && (rounds < ROUNDS_FOR_A_VERDICT || positionals.length > 0)) {
    throw new UsageError(`--write takes a full run: all rows, and ${ROUNDS_FOR_A_VERDICT} rounds or more.`)
  }
  return {
    rows: select(positionals),
    rounds,
    seed: values.seed === undefined ? Date.now() >>> 0 : wholeNumber('--seed', values.seed),
    json: values.json ?? null,
    isCheck: check,
    isWrite: write,
    wants: values.help ? 'help' : list ? 'list' : 'run',
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'string' },
        quick: { type: 'boolean' },
        check: { type: 'boolean' },
        write: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function select(names: readonly string[]): readonly Row[] {
  if (names.length === 0) return rows
  const unknown = names.find((name) => !rows.some((row) => isNamed(row, name)))
  if (unknown === undefined) return rows.filter((row) => names.some((name) => isNamed(row, name)))
  throw new UsageError(`There is no row '${unknown}'. There are: ${rows.map((row) => row.name).join(', ')}.`)
}

function isNamed(row: Row, name: string): boolean {
  return row.name === name || row.family === name
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${option} takes a whole number, and was given '${text}'.`)
  return Number(text)
}
