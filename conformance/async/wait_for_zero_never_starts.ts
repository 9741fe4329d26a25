/**
 * waitFor with no time left takes a result that is already there, without a turn of the loop, but does not
 * even start a coroutine.
 */
import { call, getRunningLoop, run, TimeoutError, waitFor } from 'polvo'

async function work(): Promise<void> {
  console.log('never printed')
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  const settled = loop.createFuture<string>()
  settled.setResult('was ready')
  loop.callSoon(console.log, '(the loop had a turn)')
  console.log(await waitFor(settled, 0))

  for (const limit of [0, -1]) {
    try {
      await waitFor(call(work), limit)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      console.log('TimeoutError')
    }
  }

  const pending = loop.createFuture<string>()
  try {
    await waitFor(pending, 0)
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError')
  }
  console.log('pending cancelled', pending.cancelled())
}

await run(main)
