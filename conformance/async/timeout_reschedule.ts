/**
 * A deadline may be moved while it is active, also to never; once the block is over, moving it is an error.
 */
import { getRunningLoop, run, sleep, type Timeout, TimeoutError, timeout } from 'polvo'

function word(value: number | null): string {
  return String(value ?? 'none')
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  let deadline!: Timeout
  await timeout(40, async (entered) => {
    deadline = entered
    deadline.reschedule(loop.time() + 1000)
    await sleep(80)
    console.log('extended, expired', deadline.expired())
    deadline.reschedule(null)
    console.log('open ended, when', word(deadline.when()))
    await sleep(0)
  })
  try {
    deadline.reschedule(loop.time() + 1000)
  } catch {
    console.log('error')
  }

  try {
    await timeout(null, async (entered) => {
      deadline = entered
      console.log('no limit, when', word(deadline.when()))
      loop.callLater(30, () => deadline.reschedule(loop.time()))
      await sleep(1000)
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError, expired', deadline.expired())
  }
}

await run(main)
