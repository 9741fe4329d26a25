/** One schedule again, with what each step did written down. */
import { basename } from 'node:path'
import { Operation } from '../coroutine/operation.ts'
import { CANCELLED, DONE, PENDING } from '../coroutine/waitable.ts'
import { recordCreationSites } from '../host/creation-sites.ts'
import { Handle } from '../loop/handle.ts'
import { Task } from '../tasks/task.ts'
import { awaitedBy, placeOf } from './place.ts'
import type { Candidate, Choice, StepObserver } from './ready-line.ts'
import { type Deviation, following, readSchedule } from './schedule.ts'
import { type Outcome, type Program, runScheduled, type ScheduledOptions } from './scheduled-run.ts'
import { Table } from './table.ts'

/** What a schedule came to. As a string, the interleaving as a table: one row a step, one column a task, `*` at a preemption. */
export interface Interleaving {
  /** What the program failed with; null where it did not. */
  readonly failure: { readonly error: unknown } | null
  toString(): string
}

/**
 * Run a program under a schedule that `explore` has printed, and show it as a table: each step stands in the column of its task,
 * with where it came to. Does not throw what the program throws: see `failure`.
 *
 *     console.log(String(await replay(main, '3:1 7:2')))
 *
 * @param schedule by default the usual order
 * @throws TypeError for anything but a schedule
 */
export function replay(main: Program, schedule = '', options: ScheduledOptions = {}): Promise<Interleaving> {
  return replayed(main, readSchedule(schedule), options)
}

export async function replayed(
  main: Program,
  deviations: readonly Deviation[],
  options: ScheduledOptions,
): Promise<Interleaving & Outcome> {
  const recorder = new Recorder()
  recordCreationSites(true)
  try {
    const outcome = await runScheduled(main, following(deviations), options, recorder)
    return { ...outcome, toString: () => recorder.table.toString() }
  } finally {
    recordCreationSites(false)
  }
}

const LOOP = 'loop'

class Recorder implements StepObserver {
  readonly table = new Table()
  /** Columns go by task, since names may be given twice. */
  readonly #columns = new Map<Task | null, string>()
  #isPreemption = false
  /** What a callback of the loop is, which cannot be told once it has run. */
  #callback = ''

  stepBegins({ task, entry }: Candidate, choice: Choice | null): void {
    this.#isPreemption = choice !== null && choice.chosen > 0
    if (task === null) this.#callback = describeCallback(entry)
  }

  stepEnded({ task }: Candidate): void {
    const what = task === null ? this.#callback : describe(task)
    this.table.add(this.#columnOf(task), what, this.#isPreemption)
  }

  #columnOf(task: Task | null): string {
    const known = this.#columns.get(task)
    if (known !== undefined) return known
    const names = [...this.#columns.values()]
    const name = task === null ? LOOP : names.every((name) => name === LOOP) ? 'main' : task.getName()
    const given = /^Task-\d+$/.test(name) ? `task ${this.#columns.size}` : name
    const column = names.includes(given) ? `${given} (${this.#columns.size})` : given
    this.#columns.set(task, column)
    return column
  }
}

function describe(task: Task): string {
  if (task._state === PENDING) {
    const place = placeOf(task)?.replace(/^.* at /, '')
    return [place === undefined ? '' : basename(place), awaitedBy(task) ?? ''].join(' ').trim() || 'goes on'
  }
  if (task._state === DONE) return 'ends'
  return task._state === CANCELLED ? 'is cancelled' : `throws ${nameOfError(task._value)}`
}

function nameOfError(error: unknown): string {
  return error instanceof Error ? error.name : String(error)
}

function describeCallback(entry: object): string {
  if (entry instanceof Operation) return `${entry._describe()} is over`
  if (entry instanceof Task) return `${entry._describe()} has ended`
  return entry instanceof Handle ? String(entry) : 'a callback'
}
