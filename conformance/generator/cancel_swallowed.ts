/**
 * Cancellation is delivered once: a task that swallows it runs on, waits again, and ends as if nothing
 * happened, but its request count remembers.
 */
import { CancelledError, type Coroutine, createTask, run, sleep } from 'polvo'

function* stubborn(): Coroutine<string> {
  for (const attempt of [1, 2]) {
    try {
      yield* sleep(1000)
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('ignored request', attempt)
    }
  }
  yield* sleep(0)
  console.log('finishes in peace')
  return 'done my way'
}

function* main(): Coroutine {
  const mule = createTask(stubborn)
  for (let i = 0; i < 2; i++) {
    yield* sleep(0)
    console.log('cancel', mule.cancel())
  }
  console.log(yield* mule)
  console.log('cancelled', mule.cancelled())
  console.log('requests', mule.cancelling())
}

await run(main)
