/**
 * A cancellation from outside leaves a timeout as itself, even when the timeout has expired as well before
 * the body could react.
 */
import {
  CancelledError,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  shield,
  sleep,
  type Timeout,
  TimeoutError,
  timeout,
} from 'polvo'

async function work(deadlineAfter: number): Promise<void> {
  let deadline!: Timeout
  try {
    await timeout(deadlineAfter, async (entered) => {
      deadline = entered
      try {
        await sleep(1000)
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        await shield(sleep(80))
        throw error
      }
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError')
  } finally {
    console.log('expired', deadline.expired(), 'requests', currentTask()!.cancelling())
  }
}

async function main(): Promise<void> {
  for (const deadlineAfter of [500, 60]) {
    const task = createTask(work, deadlineAfter)
    getRunningLoop().callLater(30, () => task.cancel())
    try {
      await task
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('CancelledError')
    }
  }
}

await run(main)
