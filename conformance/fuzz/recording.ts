/** Traces of CPython that are kept in the repository, so that its verdict is known where there is no Python. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Player } from './interpreter.ts'
import type { Program } from './program.ts'

/** How many programs are recorded: the first ones of seed 1. */
export const RECORDED = 250

/** A trace in each line, beside the seed of its program. */
const FILE = join(import.meta.dirname, 'recorded.jsonl')

interface Entry {
  readonly seed: number
  readonly trace: string[]
}

/** Knows the traces of the recorded programs, and of no others. */
export class Recording implements Player {
  readonly #traces: ReadonlyMap<number, string[]>

  constructor() {
    const entries: Entry[] = readFileSync(FILE, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    this.#traces = new Map(entries.map(({ seed, trace }) => [seed, trace]))
  }

  async traceOf({ seed }: Program): Promise<string[]> {
    const trace = this.#traces.get(seed)
    if (trace === undefined)
      throw new Error(`No trace is recorded for the program of seed ${seed}: record them anew.`)
    return trace
  }

  close(): void {}
}

/** Replace what is recorded. */
export function record(entries: readonly Entry[]): void {
  writeFileSync(FILE, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
}
