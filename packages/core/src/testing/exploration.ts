/** What an exploration has seen, or found. */

import { isOwnPlace } from '../host/copy.ts'
import { shorten } from '../host/source-location.ts'
import { LeftBehindError } from './watch.ts'

/** Some schedule makes the program fail. `cause` is what it failed with. */
export class ScheduleError extends Error {
  /** Tells the error apart across versions: `POLVO_SCHEDULE`. */
  readonly code = 'POLVO_SCHEDULE'
  /** A schedule by which it fails, the shortest that was found: for `replay`. */
  readonly schedule: string
  /** The seed of the run that failed, to be given to `explore` with `runs: 1`; undefined where all schedules were enumerated. */
  readonly seed: number | undefined

  constructor(message: string, schedule: string, seed: number | undefined, cause: unknown) {
    super(message, { cause })
    this.schedule = schedule
    this.seed = seed
  }

  /** The name of the class. */
  override get name(): string {
    return 'ScheduleError'
  }
}

/** What was explored, where nothing failed. As a string, a line that says so. */
export interface Exploration {
  /** How many schedules the program was run under. */
  readonly runs: number
  /** The steps of the longest run. */
  readonly steps: number
  /** How often there was a choice in the run that had most. */
  readonly choices: number
  /** Whether these were all the schedules there are, with so many preemptions; false for random ones. */
  readonly isComplete: boolean
  toString(): string
}

export class Tally implements Exploration {
  runs = 0
  steps = 0
  choices = 0
  isComplete = false
  readonly #how: string

  constructor(how: string) {
    this.#how = how
  }

  add({ steps, choices }: { readonly steps: number; readonly choices: readonly unknown[] }): void {
    this.runs++
    this.steps = Math.max(this.steps, steps)
    this.choices = Math.max(this.choices, choices.length)
  }

  toString(): string {
    const all = this.isComplete ? `all ${this.runs}` : `${this.runs}`
    return `${all} schedules (${this.#how}) of up to ${this.steps} steps and ${this.choices} choices: none fails`
  }
}

/** An error in a few lines: its name and message, and the line of the program that threw it. */
export function briefly(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  if (error instanceof LeftBehindError) return error.message
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const place = frames.map(placeFrom).find((place) => place !== undefined)
  return `${error.name}: ${error.message}${place === undefined ? '' : `\n    at ${place}`}`
}

/** `bank.ts:12` from a line of a stack; undefined where that is not the program's. */
function placeFrom(line: string): string | undefined {
  if (isOwnPlace(line) || /node_modules|[( ]node:/.test(line)) return undefined
  const [, file, number] = /((?:file:|\/|[A-Z]:\\)[^()]*):(\d+):\d+\)?$/.exec(line) ?? []
  return file === undefined ? undefined : `${shorten(file)}:${number}`
}
