/**
 * Cancelling a task that awaits a task that awaits a task reaches the innermost first; then the error travels
 * outwards, one task after another.
 */
import { CancelledError, type Coroutine, createTask, currentTask, run, sleep } from 'polvo'

function* doll([name, ...smaller]: string[]): Coroutine {
  try {
    if (smaller.length > 0) yield* createTask(doll, smaller)
    else yield* sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log(name, 'feels it, own requests', currentTask()!.cancelling())
    throw error
  } finally {
    console.log(name, 'closes')
  }
}

function* main(): Coroutine {
  const largest = createTask(doll, ['large', 'medium', 'small', 'tiny'])
  for (let i = 0; i < 4; i++) yield* sleep(0)
  largest.cancel()
  console.log('requested')
  try {
    yield* largest
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError, large cancelled', largest.cancelled())
  }
}

await run(main)
