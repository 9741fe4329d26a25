/**
 * A member that gets cancelled on its own looks to the awaiter like an error named CancelledError: siblings
 * go on and the awaiter has no request.
 */
import { CancelledError, createTask, currentTask, gather, getRunningLoop, run, sleep } from 'polvo'

async function singer(name: string, notes: number): Promise<string> {
  for (let note = 0; note < notes; note++) await sleep(0)
  console.log(name, 'finishes')
  return name
}

async function main(): Promise<void> {
  const lead = createTask(singer, 'lead', 9)
  const echo = createTask(singer, 'echo', 6)
  await sleep(0)
  getRunningLoop().callSoon(() => lead.cancel())
  const duet = gather(lead, echo)
  try {
    await duet
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError')
  }
  console.log('my requests', currentTask()!.cancelling())
  console.log('duet cancelled', duet.cancelled())
  console.log('lead cancelled', lead.cancelled())
  console.log('echo done', echo.done())
  console.log(await echo)
}

await run(main)
