/** One run of a program in virtual time, under a schedule. */
import type { Startable } from '../coroutine/types.ts'
import type { ExceptionContext } from '../loop/exception-handler.ts'
import type { RunOptions } from '../tasks/runner.ts'
import { type Choice, type Choose, ReadyLine, type StepObserver } from './ready-line.ts'
import { runWatched } from './run-virtual.ts'
import type { VirtualLoop } from './virtual-loop.ts'

/** What explorations and replays run: a function of either spelling, called anew for each run. What it returns is of no interest. */
export type Program = () => unknown

/** What a run came to. */
export interface Outcome {
  /** Undefined where it failed. */
  readonly result: unknown
  /** What it failed with: an error of the main task, a deadlock, a report to the exception handler. */
  readonly failure: { readonly error: unknown } | null
  readonly choices: readonly Choice[]
  readonly steps: number
}

/** What a run may be given; see `explore`. */
export interface ScheduledOptions extends Pick<RunOptions, 'cancelGrace' | 'debug'> {
  /** A run of more steps fails; by default 10,000. */
  maxSteps?: number | undefined
}

/** A run did not end within `maxSteps` steps: it goes in a circle, or is too long to be explored. */
export class TooManyStepsError extends Error {
  /** Tells the error apart across versions: `POLVO_TOO_MANY_STEPS`. */
  readonly code = 'POLVO_TOO_MANY_STEPS'

  /** The name of the class. */
  override get name(): string {
    return 'TooManyStepsError'
  }
}

/** Something was reported to the exception handler, which the program has not set itself; it fails the run. */
export class ReportedError extends Error {
  /** Tells the error apart across versions: `POLVO_REPORTED`. */
  readonly code = 'POLVO_REPORTED'

  /** The name of the class. */
  override get name(): string {
    return 'ReportedError'
  }
}

export const MAX_STEPS = 10_000

/** What may look into a run besides. */
export interface RunHooks extends StepObserver {
  /** The loop is made, and nothing has run. */
  prepare?(loop: VirtualLoop): void
}

/** Run a program once. Never rejects. */
export async function runScheduled(
  program: Program,
  choose: Choose,
  { maxSteps = MAX_STEPS, ...options }: ScheduledOptions = {},
  hooks: RunHooks = {},
): Promise<Outcome> {
  const reports: ExceptionContext[] = []
  const { promise: hopeless, reject } = Promise.withResolvers<never>()
  let tooLong: TooManyStepsError | null = null
  let loop: VirtualLoop | undefined
  const line = new ReadyLine(choose, hooks, maxSteps, () => {
    if (tooLong === null) {
      tooLong = new TooManyStepsError(
        `The program has not ended within ${maxSteps} steps: it goes in a circle, or needs a higher maxSteps.`,
      )
      loop?.cancelMain(tooLong)
    } else {
      line.freeze()
      reject(tooLong)
    }
  })
  const prepare = (made: VirtualLoop) => {
    loop = made
    made.setExceptionHandler((_, report) => reports.push(report))
    hooks.prepare?.(made)
  }
  let result: unknown
  let failure: Outcome['failure'] = null
  try {
    const run = runWatched(program as unknown as Startable<unknown>, options, { ready: line, prepare })
    result = await Promise.race([run, hopeless])
  } catch (error) {
    failure = { error }
  }
  if (tooLong !== null) failure = { error: tooLong }
  const [report] = reports
  if (failure === null && report !== undefined) failure = { error: reported(report) }
  return { result, failure, choices: line.choices, steps: line.steps }
}

function reported({ message, exception }: ExceptionContext): ReportedError {
  return new ReportedError(message, { cause: exception })
}
