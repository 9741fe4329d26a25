import type { Checked, Result, Startable } from '../coroutine/types.ts'
import { type RunOptions, run } from '../tasks/runner.ts'
import { VirtualClock } from './virtual-clock.ts'

/**
 * As `run`, in virtual time: whenever every task is blocked, the clock jumps to the next timer. Foreign promises and I/O that
 * are ready have their turn before each jump. The end of a grace period (`cancelGrace`) is nothing to jump to.
 */
export function runVirtual<T>(target: Startable<T>, options?: RunOptions): Promise<T>
export function runVirtual<R>(fn: () => R & Checked<R>, options?: RunOptions): Promise<Result<R>>
export function runVirtual(target: unknown, options: RunOptions = {}): Promise<unknown> {
  return run(target as Startable<unknown>, { ...options, clock: new VirtualClock() })
}
