import { isCancelled } from '../errors.ts'
import { ExceptionGroup } from '../exception-group.ts'
import { recordCreationSites } from '../host/creation-sites.ts'
import { checkInteger } from './arguments.ts'
import { type CancelPoint, type Disturbance, PlantedError, PointRun } from './cancel-point.ts'
import { briefly } from './exploration.ts'
import { checkProgram } from './explore.ts'
import type { Choose } from './ready-line.ts'
import { type Outcome, ReportedError, runScheduled, type ScheduledOptions } from './scheduled-run.ts'
import { chooserFor } from './strategies.ts'
import { LeftBehindError, type Watch, Watchman } from './watch.ts'

/** What a run of a sweep came to: what `check` is told. */
export interface SweptRun extends CancelPoint {
  /** What the program returned; undefined where it threw. */
  readonly result: unknown
  /** What it threw; undefined where it returned. */
  readonly error: unknown
}

/** What `cancelAtEveryCheckpoint` takes; all of it may be left out. */
export interface SweepOptions extends ScheduledOptions {
  /** Called after each run; what it throws makes the run fail. */
  check?: ((run: SweptRun) => unknown) | undefined
  /** Whether an error that is no cancellation may come out of the program when a task of it is cancelled. By default none may. */
  mayThrow?: ((error: unknown) => boolean) | undefined
  /** Whether tasks may be left when the main task has ended, to be cancelled by the end of the run. By default they may not. */
  mayLeaveTasks?: boolean | undefined
  /** What to do at the suspensions; by default all of it. */
  disturbances?: readonly Disturbance[] | undefined
  /** Under how many schedules to do it all: the usual one first, then random ones. By default 1. */
  schedules?: number | undefined
  /** Where the random numbers begin; by default 1. */
  seed?: number | undefined
}

/** What was swept, where nothing failed. As a string, a line that says so. */
export interface Sweep {
  /** How many times the program was run. */
  readonly runs: number
  /** How many tasks it has. */
  readonly tasks: number
  /** How often they suspend, all together. */
  readonly suspensions: number
  toString(): string
}

/** Something goes wrong when a task is cancelled at some suspension; the message says at which, by file and line. */
export class CancelSweepError extends Error {
  /** Tells the error apart across versions: `POLVO_CANCEL_SWEEP`. */
  readonly code = 'POLVO_CANCEL_SWEEP'
  /** Where: the first point that failed. */
  readonly point: CancelPoint

  constructor(message: string, point: CancelPoint, cause: unknown) {
    super(message, { cause })
    this.point = point
  }

  /** The name of the class. */
  override get name(): string {
    return 'CancelSweepError'
  }
}

const DISTURBANCES: readonly Disturbance[] = [
  'cancel',
  'cancel with the result',
  'cancel twice',
  'cancel again',
  'error',
]

/** So many places are described; the others are counted. */
const SHOWN = 5

/**
 * Run a program once for each of its tasks and each of their suspensions, and cancel the task there: when it has just suspended, when
 * it is about to go on, before its start, twice, again in its clean-up; and with an error in place of a cancellation. In virtual time.
 *
 *     await cancelAtEveryCheckpoint(async ({ watch, opened }) => {
 *       const lock = watch(new Lock())
 *       …
 *     })
 *
 * A run fails when the program deadlocks, leaves a task or a timer behind, throws anything but a cancellation (see `mayThrow`), when
 * something is reported to the exception handler, when what is watched has changed or what was opened was not closed exactly
 * once, and by `check`. `main` is called for each run, and has to make what it works on itself. Called outside of tasks.
 *
 * @throws CancelSweepError where runs fail: its message lists the points by file and line; what the program throws when it is left alone.
 */
export async function cancelAtEveryCheckpoint(
  main: (watch: Watch) => unknown,
  { schedules = 1, seed = 1, disturbances = DISTURBANCES, ...options }: SweepOptions = {},
): Promise<Sweep> {
  checkProgram('cancelAtEveryCheckpoint', main)
  checkInteger('cancelAtEveryCheckpoint({ schedules })', schedules, 1, Number.MAX_SAFE_INTEGER)
  checkInteger('cancelAtEveryCheckpoint({ seed })', seed, 0, Number.MAX_SAFE_INTEGER)
  const sweep = { runs: 0, tasks: 0, suspensions: 0, toString: () => summaryOf(sweep) }
  const failures: Failure[] = []
  for (let schedule = 0; schedule < schedules; schedule++) {
    const chooser = () => chooserFor(schedule === 0 ? 'fifo' : 'random', seed + schedule, 0, 0)
    const undisturbed = await runAt(null, main, chooser(), options)
    if (undisturbed.problem !== null) throw undisturbed.problem.error
    const { suspensions } = undisturbed
    sweep.tasks = Math.max(sweep.tasks, suspensions.length)
    sweep.suspensions = Math.max(
      sweep.suspensions,
      suspensions.reduce((sum, count) => sum + count, 0),
    )
    for (const point of pointsOf(suspensions, disturbances)) {
      const { wasReached, problem } = await runAt(point, main, chooser(), options)
      if (!wasReached) continue
      sweep.runs++
      if (problem !== null) failures.push({ point, chooser, ...problem })
    }
  }
  if (failures.length > 0) throw await sweepError(failures, sweep, main, options)
  return sweep
}

interface Failure {
  readonly point: CancelPoint
  readonly chooser: () => Choose
  readonly error: unknown
}

interface RunAt {
  readonly suspensions: readonly number[]
  readonly wasReached: boolean
  readonly where: string
  readonly problem: { readonly error: unknown } | null
}

function pointsOf(suspensions: readonly number[], disturbances: readonly Disturbance[]): CancelPoint[] {
  return suspensions.flatMap((count, task) =>
    Array.from({ length: count + 1 }, (_, suspension) =>
      disturbances
        .filter((disturbance) => suspension > 0 || disturbance === 'cancel with the result')
        .map((disturbance) => ({ task, suspension, disturbance })),
    ).flat(),
  )
}

async function runAt(
  point: CancelPoint | null,
  main: (watch: Watch) => unknown,
  choose: Choose,
  { check, mayThrow = () => false, mayLeaveTasks = false, ...options }: SweepOptions,
  describes = false,
): Promise<RunAt> {
  const hooks = new PointRun(point, describes)
  const watchman = new Watchman()
  const outcome = await runScheduled(() => main(watchman), choose, options, hooks)
  const complaints = [...(mayLeaveTasks ? [] : hooks.left), ...watchman.complaints()]
  let problem = unexpected(outcome, point, mayThrow)
  if (problem === null && complaints.length > 0) problem = { error: new LeftBehindError(complaints) }
  if (problem === null && hooks.wasReached && point !== null) {
    try {
      await check?.({ ...point, result: outcome.result, error: outcome.failure?.error })
    } catch (error) {
      problem = { error }
    }
  }
  return { suspensions: hooks.suspensions, wasReached: hooks.wasReached, where: hooks.where, problem }
}

function unexpected(
  { failure }: Outcome,
  point: CancelPoint | null,
  mayThrow: (error: unknown) => boolean,
): { error: unknown } | null {
  if (failure === null) return null
  if (point !== null && (isToBeExpected(failure.error) || mayThrow(failure.error))) return null
  return failure
}

function isToBeExpected(error: unknown): boolean {
  if (error instanceof ExceptionGroup) return error.errors.every(isToBeExpected)
  if (error instanceof ReportedError) return error.cause instanceof PlantedError
  return isCancelled(error) || error instanceof PlantedError
}

async function sweepError(
  failures: readonly Failure[],
  sweep: Sweep,
  main: (watch: Watch) => unknown,
  options: SweepOptions,
): Promise<CancelSweepError> {
  const lines: string[] = []
  const alike = Map.groupBy(
    failures,
    ({ point, error }) => `${point.task} ${point.suspension} ${briefly(error)}`,
  )
  for (const same of [...alike.values()].slice(0, SHOWN)) {
    const [{ point, chooser, error }] = same as [Failure]
    recordCreationSites(true)
    const { where } = await runAt(point, main, chooser(), options, true)
    recordCreationSites(false)
    const how = [...new Set(same.map(({ point }) => point.disturbance))].join(', ')
    lines.push(`${lines.length + 1}. ${where}: ${how}\n   ${briefly(error).replaceAll('\n', '\n   ')}`)
  }
  if (alike.size > SHOWN) lines.push(`… and at ${alike.size - SHOWN} more`)
  const [first] = failures as [Failure]
  return new CancelSweepError(
    `cancelAtEveryCheckpoint: ${failures.length} of ${sweep.runs} runs fail.\n${lines.join('\n')}`,
    first.point,
    first.error,
  )
}

function summaryOf({ runs, tasks, suspensions }: Sweep): string {
  return `${runs} runs, disturbed at ${suspensions} suspensions of ${tasks} tasks: nothing fails`
}
