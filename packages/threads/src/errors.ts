/** What goes wrong with workers. What goes wrong in the work itself is thrown as it was there. */
import { misuse } from 'polvo/lowlevel'
import { isSendable } from './carried-error.ts'

/** How a worker ended. */
export interface WorkerEnding {
  /** null where a signal ended it. */
  readonly exitCode: number | null
  /** Of a process that was killed. */
  readonly signal: string | null
  /** The error that nobody caught; undefined where there was none. */
  readonly error: unknown
}

/**
 * The worker ended in the middle of the work: it called `process.exit()`, an error outside the awaited code was not
 * caught, or the system killed it. Only this piece of work is lost; the next one gets a new worker.
 */
export class WorkerCrashed extends Error {
  /** Tells the errors apart across versions. */
  readonly code: string = 'POLVO_WORKER_CRASHED'
  /** null where a signal ended it. */
  readonly exitCode: number | null
  /** Of a process that was killed. */
  readonly signal: string | null

  /** @internal */
  constructor(label: string, worker: string, ending: WorkerEnding, how = describeEnding(ending)) {
    const options = ending.error === undefined ? {} : { cause: ending.error }
    super(`${label} was cut off: ${how} in ${worker}, which has ended. Other work is not affected.`, options)
    this.exitCode = ending.exitCode
    this.signal = ending.signal
  }

  /** The name of the class. */
  override get name(): string {
    return this.constructor.name
  }
}

/** The worker reached its memory limit in the middle of the work, and ended. Only this piece of work is lost. */
export class WorkerOutOfMemory extends WorkerCrashed {
  override readonly code = 'POLVO_WORKER_OUT_OF_MEMORY'

  /** @internal */
  constructor(label: string, worker: string, ending: WorkerEnding) {
    super(label, worker, ending, 'memory ran out (raise memoryLimit, or do less at once)')
  }
}

function describeEnding({ exitCode, signal, error }: WorkerEnding): string {
  if (error !== undefined) return `an error that nobody caught (${String(error)})`
  if (signal !== null) return `a signal, ${signal},`
  return `process.exit(${exitCode}), or the like,`
}

/**
 * The status of a process that was aborted, where the system does not tell of signals. Node aborts when memory runs
 * out.
 */
const ABORTED = 134

export function crashOf(label: string, worker: string, ending: WorkerEnding): WorkerCrashed {
  const { code } = (ending.error ?? {}) as { code?: unknown }
  const isAborted = ending.signal === 'SIGABRT' || ending.exitCode === ABORTED
  const isOutOfMemory = code === 'ERR_WORKER_OUT_OF_MEMORY' || isAborted
  return new (isOutOfMemory ? WorkerOutOfMemory : WorkerCrashed)(label, worker, ending)
}

// ---------------------------------------------------------------- misuse

/** A function that was given by itself uses something from around it. */
export function closureError(label: string, variable: string, cause: unknown): TypeError {
  return misuse(
    `${label} uses ${variable}, which does not exist in a worker: a function given directly gets there as its text alone. ` +
      `Pass ${variable} as an argument, or put the function into a module: pool.module(new URL('./work.ts', import.meta.url)).`,
    { cause },
  )
}

export function unsendableResult(label: string, reason: string): TypeError {
  return misuse(`The result of ${label} cannot be sent to another thread: ${reason}. Return plain data.`)
}

/** @param cause what `postMessage` threw */
export function unsendableArguments(label: string, args: readonly unknown[], cause: unknown): TypeError {
  const at = args.findIndex((arg) => !isSendable(arg))
  const which = at === -1 ? 'An argument' : `Argument ${at + 1}`
  const reason = (cause as Error).message.replace(/\.$/, '')
  return misuse(`${which} of ${label} cannot be sent to another thread: ${reason}. Pass plain data.`, {
    cause,
  })
}
