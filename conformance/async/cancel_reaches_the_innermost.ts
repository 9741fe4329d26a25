/**
 * Cancelling a task that awaits a task that awaits a task reaches the innermost first; then the error travels
 * outwards, one task after another.
 */
import { CancelledError, createTask, currentTask, run, sleep } from 'polvo'

async function doll([name, ...smaller]: string[]): Promise<void> {
  try {
    if (smaller.length > 0) await createTask(doll, smaller)
    else await sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log(name, 'feels it, own requests', currentTask()!.cancelling())
    throw error
  } finally {
    console.log(name, 'closes')
  }
}

async function main(): Promise<void> {
  const largest = createTask(doll, ['large', 'medium', 'small', 'tiny'])
  for (let i = 0; i < 4; i++) await sleep(0)
  largest.cancel()
  console.log('requested')
  try {
    await largest
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError, large cancelled', largest.cancelled())
  }
}

await run(main)
