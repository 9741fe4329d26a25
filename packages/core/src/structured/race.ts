import { Call } from '../coroutine/call.ts'
import type { Future } from '../coroutine/future.ts'
import type { Awaitable, Coroutine, Result, Startable } from '../coroutine/types.ts'
import { type CancelledError, isCancelled, outOfRange } from '../errors.ts'
import { loopForWork } from '../loop/default-loop.ts'
import { ensureFuture } from '../tasks/create-task.ts'
import { asCompleted } from './as-completed.ts'
import { wait } from './wait.ts'

type Racer = Startable<unknown> | (() => unknown)

type Winner<X> = X extends Startable<infer T> ? T : X extends () => infer R ? Result<R> : never

/**
 * Run several things at once, each as a task, and return the result of the first that is done, or throw its error. The others
 * are cancelled, and their clean-up is waited for; errors in it go to the exception handler. A checkpoint.
 *
 *     const page = yield* race(fetchFrom(mirrorA), fetchFrom(mirrorB))
 *
 * Cancelling it cancels all of them, and waits as well. A task or future that was given is cancelled when it loses, whoever else
 * awaits it.
 *
 * @throws RangeError when given nothing, TypeError where a target is none.
 */
export function race<const Racers extends readonly Racer[]>(
  ...racers: Racers
): Awaitable<Winner<Racers[number]>> {
  if (racers.length === 0) throw outOfRange('race() needs at least one to run, and was given none.')
  return new Call(runRace, racers, 'race') as Awaitable<unknown> as Awaitable<Winner<Racers[number]>>
}

function* runRace(...racers: Racer[]): Coroutine<unknown> {
  const futures: Future[] = []
  let winner: Future | undefined
  try {
    for (const racer of racers) futures.push(ensureFuture(racer as Startable<unknown>))
    winner = (yield* asCompleted(futures).next()).value as Future
    return winner.result()
  } finally {
    yield* stop(futures.filter((future) => future !== winner))
  }
}

/** Cancel, and wait until all are done. What they do instead of ending quietly is reported. */
function* stop(losers: readonly Future[]): Coroutine {
  for (const loser of losers) loser.cancel('another was first')
  const cancellation = yield* untilDone(losers)
  for (const loser of losers) {
    if (loser.cancelled()) continue
    const exception = loser.exception()
    if (exception === null || isCancelled(exception)) continue
    loopForWork().callExceptionHandler({ message: 'Exception in a loser of race()', exception, task: loser })
  }
  if (cancellation !== null) throw cancellation
}

/** However often it is cancelled meanwhile. Returns the last cancellation. */
function* untilDone(futures: readonly Future[]): Coroutine<CancelledError | null> {
  let cancellation: CancelledError | null = null
  while (futures.some((future) => !future.done())) {
    try {
      yield* wait(futures)
    } catch (error) {
      if (!isCancelled(error)) throw error
      cancellation = error
    }
  }
  return cancellation
}
