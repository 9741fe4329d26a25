/**
 * With returnExceptions every outcome comes back in its place: values, errors, and the CancelledError of a
 * member that was cancelled.
 */
import { CancelledError, type Coroutine, createTask, gather, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

function* member(turns: number, outcome: string | Boom): Coroutine<string> {
  for (let i = 0; i < turns; i++) yield* sleep(0)
  if (outcome instanceof Error) throw outcome
  return outcome
}

function describe(outcome: string | Error): string {
  if (outcome instanceof CancelledError) return 'CancelledError'
  return outcome instanceof Error ? outcome.message : outcome
}

function* main(): Coroutine {
  const doomed = createTask(member, 50, 'never')
  const ready = getRunningLoop().createFuture<string>()
  ready.setResult('ready')
  getRunningLoop().callSoon(() => doomed.cancel())
  const outcomes = yield* gather(
    { returnExceptions: true },
    member(3, 'third'),
    member(1, new Boom('broken')),
    doomed,
    ready,
    member(2, 'second'),
  )
  for (const [place, outcome] of outcomes.entries()) console.log(place, describe(outcome))
}

await run(main)
