/**
 * With returnExceptions every outcome comes back in its place: values, errors, and the CancelledError of a
 * member that was cancelled.
 */
import { CancelledError, call, createTask, gather, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

async function member(turns: number, outcome: string | Boom): Promise<string> {
  for (let i = 0; i < turns; i++) await sleep(0)
  if (outcome instanceof Error) throw outcome
  return outcome
}

function describe(outcome: string | Error): string {
  if (outcome instanceof CancelledError) return 'CancelledError'
  return outcome instanceof Error ? outcome.message : outcome
}

async function main(): Promise<void> {
  const doomed = createTask(member, 50, 'never')
  const ready = getRunningLoop().createFuture<string>()
  ready.setResult('ready')
  getRunningLoop().callSoon(() => doomed.cancel())
  const outcomes = await gather(
    { returnExceptions: true },
    call(member, 3, 'third'),
    call(member, 1, new Boom('broken')),
    doomed,
    ready,
    call(member, 2, 'second'),
  )
  for (const [place, outcome] of outcomes.entries()) console.log(place, describe(outcome))
}

await run(main)
