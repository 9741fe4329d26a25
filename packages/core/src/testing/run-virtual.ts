import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { type RunOptions, run } from '../tasks/runner.ts'
import { checkNumber, MAX_TIMER } from './arguments.ts'
import { type DeadlockError, deadlockOf } from './deadlock.ts'
import { VirtualLoop, type VirtualLoopOptions } from './virtual-loop.ts'

/** What `runVirtual` takes beside what `run` does. */
export interface VirtualOptions extends RunOptions {
  /**
   * Real I/O and timers of Node's are waited for: the clock jumps when nothing has happened for so many milliseconds of real time;
   * true is 10. A deadlock cannot be told from slow I/O then, and is not reported. By default there is none: what is
   * not settled when every task is blocked will never be.
   */
  io?: boolean | number | undefined
}

const IO_PATIENCE_MS = 10

/**
 * As `run`, in virtual time: whenever every task is blocked, the clock jumps to the next timer, so hours of sleeping take a
 * millisecond. Foreign promises that settle by themselves have their turn before each jump. The end of a grace period
 * (`cancelGrace`) is nothing to jump to.
 *
 * @throws DeadlockError when every task is blocked and no timer is left: it says who waits for what, and where. The main task is
 *   cancelled before, so that clean-up runs; what cleans up for ever is ended at the end of its grace period.
 */
export function runVirtual<T>(target: Startable<T>, options?: VirtualOptions): Promise<T>
export function runVirtual<R>(fn: () => R & Checked<R>, options?: VirtualOptions): Promise<Result<R>>
export async function runVirtual(
  target: unknown,
  { io = false, ...options }: VirtualOptions = {},
): Promise<unknown> {
  if (io === false) return await runWatched(target as Startable<unknown>, options)
  const patience = io === true ? IO_PATIENCE_MS : io
  checkNumber('runVirtual({ io })', patience, 0, MAX_TIMER)
  return await run(target as Startable<unknown>, { ...options, loop: new VirtualLoop({ patience }) })
}

/** Run in virtual time on a loop that is made with `loopOptions`, and fail where everything is blocked. */
export async function runWatched(
  target: Startable<unknown>,
  options: RunOptions = {},
  { prepare, ...loopOptions }: VirtualLoopOptions & { prepare?: (loop: VirtualLoop) => void } = {},
): Promise<unknown> {
  const end = new EndOfDeadlock()
  const loop = new VirtualLoop({ ...loopOptions, whenStuck: (loop) => end.stuck(loop) })
  prepare?.(loop)
  try {
    return await Promise.race([run(target, { ...options, loop }), end.isHopeless])
  } finally {
    end.throwIfAny()
  }
}

/** Brings a run to its end that is stuck: first by cancelling its main task, then by the end of the grace periods. */
class EndOfDeadlock {
  #error: DeadlockError | null = null
  readonly #hopeless = Promise.withResolvers<never>()

  get isHopeless(): Promise<never> {
    return this.#hopeless.promise
  }

  /** Returns false once there is nothing left to try. */
  stuck(loop: VirtualLoop): boolean {
    if (this.#error !== null) {
      if (loop.clock.jumpQuietly()) return true
      this.#hopeless.reject(this.#error)
      return false
    }
    this.#error = deadlockOf(loop)
    loop.cancelMain(this.#error)
    return true
  }

  throwIfAny(): void {
    if (this.#error !== null) throw this.#error
  }
}
