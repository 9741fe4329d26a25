/**
 * A task cancelled before its first step never enters its body, so that not even a finally block of it runs.
 */
import { CancelledError, createTask, run, sleep } from 'polvo'

async function work(): Promise<void> {
  console.log('never printed')
  try {
    await sleep(1000)
  } finally {
    console.log('never printed either')
  }
}

async function main(): Promise<void> {
  const stillborn = createTask(work)
  console.log('cancel', stillborn.cancel())
  console.log('cancelled at once', stillborn.cancelled())
  try {
    await stillborn
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError')
  }
  console.log('cancelled', stillborn.cancelled())
  console.log('cancel again', stillborn.cancel())
}

await run(main)
