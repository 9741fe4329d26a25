/**
 * Cancellation is delivered once: a task that swallows it runs on, waits again, and ends as if nothing
 * happened, but its request count remembers.
 */
import { CancelledError, createTask, run, sleep } from 'polvo'

async function stubborn(): Promise<string> {
  for (const attempt of [1, 2]) {
    try {
      await sleep(1000)
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('ignored request', attempt)
    }
  }
  await sleep(0)
  console.log('finishes in peace')
  return 'done my way'
}

async function main(): Promise<void> {
  const mule = createTask(stubborn)
  for (let i = 0; i < 2; i++) {
    await sleep(0)
    console.log('cancel', mule.cancel())
  }
  console.log(await mule)
  console.log('cancelled', mule.cancelled())
  console.log('requests', mule.cancelling())
}

await run(main)
