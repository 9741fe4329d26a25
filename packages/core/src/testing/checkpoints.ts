/** Assertions on whether code suspends: each suspension lets others run, and is where a cancellation arrives. */
import { Call } from '../coroutine/call.ts'
import { runInside } from '../coroutine/driver.ts'
import type { Awaitable, Checked, Coroutine, Result } from '../coroutine/types.ts'
import { checkFunction } from '../host/checks.ts'
import { brief } from '../host/inspect.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { Timer } from '../loop/timer.ts'

/** Code suspended that must not, or did not that must. */
export class CheckpointError extends Error {
  /** Tells the error apart across versions: `POLVO_CHECKPOINT`. */
  readonly code = 'POLVO_CHECKPOINT'

  /** The name of the class. */
  override get name(): string {
    return 'CheckpointError'
  }
}

/**
 * Run `body`, and fail where it has not suspended even once: it can neither be cancelled, nor does it let others run. Gives what the
 * body gives. Not under a schedule of `explore`, which changes who runs when.
 * @throws CheckpointError; what the body throws; TypeError where it is no function.
 */
export function assertCheckpoints<R>(body: () => R & Checked<R>): Awaitable<Result<R>> {
  checkFunction('assertCheckpoints()', 'a function to run', body)
  return new Call(runAndLook, [body, true], 'assertCheckpoints', 1)
}

/**
 * Run `body`, and fail where it has suspended: others ran meanwhile, and a cancellation may have arrived. Gives what the body gives.
 * A checkpoint only where it fails. Not under a schedule of `explore`, which changes who runs when.
 * @throws CheckpointError; what the body throws; TypeError where it is no function.
 */
export function assertNoCheckpoints<R>(body: () => R & Checked<R>): Awaitable<Result<R>> {
  checkFunction('assertNoCheckpoints()', 'a function to run', body)
  return new Call(runAndLook, [body, false], 'assertNoCheckpoints', 1)
}

function* runAndLook(body: () => unknown, isToSuspend: boolean): Coroutine<unknown> {
  let hasSuspended = false
  const mark = Timer.soon(loopForWork(), () => {
    hasSuspended = true
  })
  try {
    const result = yield runInside(body)
    if (hasSuspended === isToSuspend) return result
    throw new CheckpointError(
      hasSuspended ? `${brief(body)} has suspended, and must not.` : `${brief(body)} has not suspended.`,
    )
  } finally {
    mark.cancel()
  }
}
