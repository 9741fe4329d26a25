/**
 * A task cancelled before its first step never enters its body, so that not even a finally block of it runs.
 */
import { CancelledError, type Coroutine, createTask, run, sleep } from 'polvo'

function* work(): Coroutine {
  console.log('never printed')
  try {
    yield* sleep(1000)
  } finally {
    console.log('never printed either')
  }
}

function* main(): Coroutine {
  const stillborn = createTask(work)
  console.log('cancel', stillborn.cancel())
  console.log('cancelled at once', stillborn.cancelled())
  try {
    yield* stillborn
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError')
  }
  console.log('cancelled', stillborn.cancelled())
  console.log('cancel again', stillborn.cancel())
}

await run(main)
