import { misuse } from '../errors.ts'
import { checkInteger, show } from './arguments.ts'
import { briefly, type Exploration, ScheduleError, Tally } from './exploration.ts'
import type { Choice, Choose } from './ready-line.ts'
import { replayed } from './replay.ts'
import { type Deviation, deviationsIn, following, writeSchedule } from './schedule.ts'
import { type Outcome, type Program, runScheduled, type ScheduledOptions } from './scheduled-run.ts'
import { shrinkSchedule } from './shrink-schedule.ts'
import { chooserFor, STRATEGIES, type Strategy } from './strategies.ts'

/** What `explore` takes; all of it may be left out. */
export interface ExploreOptions extends ScheduledOptions {
  /** How many schedules to try; by default 100. */
  runs?: number | undefined
  /** How to choose them; by default 'random'. */
  strategy?: Strategy | undefined
  /** Where the random numbers begin; by default 1. The same seed gives the same schedules. */
  seed?: number | undefined
  /** How many preemptions 'pct' puts into each run; by default 3. */
  preemptions?: number | undefined
}

/**
 * Run a program under many schedules, in virtual time: who of the ready tasks runs next is chosen anew each time. `main` is called
 * for each run, and has to make what it works on itself.
 *
 *     await explore(async () => { … }, { runs: 1000, seed: 7 })
 *
 * A run fails when `main` throws, when it deadlocks, and by each report to the exception handler. Called outside of tasks.
 *
 * @throws ScheduleError for the first run that fails: its message has the seed, the shortest schedule that was found for it, and the
 *   interleaving as a table; TypeError and RangeError for options that cannot be.
 */
export async function explore(
  main: Program,
  { runs = 100, strategy = 'random', seed = 1, preemptions = 3, ...options }: ExploreOptions = {},
): Promise<Exploration> {
  checkProgram('explore', main)
  checkInteger('explore({ runs })', runs, 1, Number.MAX_SAFE_INTEGER)
  checkInteger('explore({ seed })', seed, 0, Number.MAX_SAFE_INTEGER)
  checkInteger('explore({ preemptions })', preemptions, 0, 1000)
  if (!STRATEGIES.includes(strategy)) {
    throw misuse(`explore({ strategy }) is ${show(strategy)}: give one of ${STRATEGIES.map(show).join(', ')}`)
  }
  const tally = new Tally(strategy)
  const isRandom = strategy === 'random' || strategy === 'pct'
  // How many choices there are has to be known before the moments of preemptions can be.
  let choices = strategy === 'pct' ? (await runScheduled(main, () => 0, options)).choices.length : 0
  for (let run = 0; run < (isRandom ? runs : 1); run++) {
    const outcome = await runScheduled(main, chooserFor(strategy, seed + run, preemptions, choices), options)
    tally.add(outcome)
    choices = Math.max(choices, outcome.choices.length)
    if (outcome.failure !== null) {
      const which = isRandom ? `run ${run + 1} of ${runs} (${strategy}, seed ${seed + run})` : strategy
      throw await scheduleError(
        `explore: ${which}`,
        main,
        outcome,
        options,
        isRandom ? seed + run : undefined,
      )
    }
  }
  return tally
}

/** What `exploreAll` takes; all of it may be left out. */
export interface ExploreAllOptions extends ScheduledOptions {
  /** How many times in a run another task than the first in line may be chosen; by default any number. */
  preemptions?: number | undefined
  /** After so many runs it gives up, and the exploration is not complete; by default 20,000. */
  maxRuns?: number | undefined
}

/**
 * Run a small program under every schedule there is, or under all with a few preemptions, in virtual time. The number of schedules
 * grows fast with tasks and steps: most races need two preemptions at most.
 *
 * @throws as `explore`; the schedule in the error is a shortest one.
 */
export async function exploreAll(
  main: Program,
  { preemptions = Number.POSITIVE_INFINITY, maxRuns = 20_000, ...options }: ExploreAllOptions = {},
): Promise<Exploration> {
  checkProgram('exploreAll', main)
  if (preemptions !== Number.POSITIVE_INFINITY)
    checkInteger('exploreAll({ preemptions })', preemptions, 0, 1000)
  checkInteger('exploreAll({ maxRuns })', maxRuns, 1, Number.MAX_SAFE_INTEGER)
  const tally = new Tally(
    preemptions === Number.POSITIVE_INFINITY ? 'in any order' : `up to ${preemptions} preemptions`,
  )
  for await (const outcome of outcomesOf(main, preemptions, options)) {
    if (tally.runs === maxRuns) return tally
    tally.add(outcome)
    if (outcome.failure !== null) {
      throw await scheduleError(`exploreAll: schedule ${tally.runs}`, main, outcome, options, undefined)
    }
  }
  tally.isComplete = true
  return tally
}

/** Run a program under one schedule after the other. */
async function* outcomesOf(
  main: Program,
  preemptions: number,
  options: ScheduledOptions,
): AsyncGenerator<Outcome> {
  let prefix: readonly Choice[] | null = []
  while (prefix !== null) {
    const outcome: Outcome = await runScheduled(main, alongside(prefix), options)
    checkSame(prefix, outcome.choices)
    yield outcome
    prefix = nextPrefix(outcome.choices, preemptions)
  }
}

function alongside(prefix: readonly Choice[]): Choose {
  let at = 0
  return (candidates) => Math.min(prefix[at++]?.chosen ?? 0, candidates.length - 1)
}

/** The last choice that can still be another one is; those behind it are open again. */
function nextPrefix(choices: readonly Choice[], preemptions: number): Choice[] | null {
  for (let at = choices.length - 1; at >= 0; at--) {
    const { options, chosen } = choices[at] as Choice
    const spent = deviationsIn(choices.slice(0, at)).length
    if (chosen + 1 < options && spent < preemptions) {
      return [...choices.slice(0, at), { options, chosen: chosen + 1 }]
    }
  }
  return null
}

function checkSame(prefix: readonly Choice[], choices: readonly Choice[]): void {
  const at = prefix.findIndex(({ options }, i) => choices[i]?.options !== options)
  if (at < 0) return
  throw misuse(
    `exploreAll() takes a program that does the same under the same schedule: at choice ${at} there were ` +
      `${prefix[at]?.options} tasks ready, and the next time ${choices[at]?.options ?? 'no choice'}. ` +
      'Make everything anew in each run, and use no real time, no I/O and no Math.random().',
  )
}

async function scheduleError(
  which: string,
  main: Program,
  outcome: Outcome,
  options: ScheduledOptions,
  seed: number | undefined,
): Promise<ScheduleError> {
  const deviations = await shortestFor(main, outcome, options)
  const schedule = writeSchedule(deviations)
  const interleaving = await replayed(main, deviations, options)
  const error = interleaving.failure?.error ?? outcome.failure?.error
  const how =
    deviations.length === 0
      ? 'Also in the usual order'
      : `With ${deviations.length} preemption${deviations.length === 1 ? '' : 's'}`
  return new ScheduleError(
    `${which} fails.\n${how}, replay(main, '${schedule}'):\n\n${interleaving}\n\n${briefly(error)}`,
    schedule,
    seed,
    error,
  )
}

/** Those with fewer preemptions are looked through for so many runs. */
const MAX_RUNS_FOR_SHORTER = 300

async function shortestFor(
  main: Program,
  outcome: Outcome,
  options: ScheduledOptions,
): Promise<readonly Deviation[]> {
  const name = nameOf(outcome)
  const found = await shrinkSchedule(deviationsIn(outcome.choices), async (shorter) => {
    const again = await runScheduled(main, following(shorter), options)
    return nameOf(again) === name ? deviationsIn(again.choices) : null
  })
  for (let preemptions = 1, runs = 0; preemptions < found.length; preemptions++) {
    for await (const shorter of outcomesOf(main, preemptions, options)) {
      if (nameOf(shorter) === name) return deviationsIn(shorter.choices)
      if (++runs >= MAX_RUNS_FOR_SHORTER) return found
    }
  }
  return found
}

/** Failures of the same name are taken for the same. */
function nameOf({ failure }: Outcome): string | null {
  if (failure === null) return null
  const { error } = failure
  return error instanceof Error ? error.name : 'thrown'
}

export function checkProgram(taker: string, main: unknown): void {
  if (typeof main === 'function') return
  throw misuse(`${taker}() takes a function, which it calls for each run, and was given ${show(main)}.`)
}
