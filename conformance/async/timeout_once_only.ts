/**
 * A timeout serves one block, inside a task; entering it again, or moving it before it was entered, is an
 * error.
 *
 * Its body belongs to it, so that entering it again would run the same body: the first line of it tries just
 * that.
 */
import { type Awaitable, getRunningLoop, run, sleep, TimeoutError, timeout, timeoutAt } from 'polvo'

async function main(): Promise<void> {
  const loop = getRunningLoop()
  const limit: Awaitable<void> = timeout(1000, async () => {
    try {
      await limit
      console.log('never printed')
    } catch {
      console.log('error: entered already')
    }
  })
  try {
    // @ts-expect-error: only the timeout that the body is given can be moved
    limit.reschedule(loop.time() + 2000)
  } catch {
    console.log('error: not entered yet')
  }
  await limit
  try {
    await limit
    console.log('never printed')
  } catch {
    console.log('error: used up')
  }

  try {
    await timeoutAt(loop.time() - 1000, async () => {
      console.log('a deadline of the past strikes at the first wait')
      await sleep(0)
      console.log('never printed')
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError')
  }

  const past = await timeoutAt(loop.time() - 1000, async (entered) => {
    console.log('without a wait it never strikes')
    return entered
  })
  console.log('expired', past.expired())
}

await run(main)
