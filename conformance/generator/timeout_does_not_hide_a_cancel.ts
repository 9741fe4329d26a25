/**
 * A cancellation from outside leaves a timeout as itself, even when the timeout has expired as well before
 * the body could react.
 */
import {
  CancelledError,
  type Coroutine,
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

function* work(deadlineAfter: number): Coroutine {
  let deadline!: Timeout
  try {
    yield* timeout(deadlineAfter, function* (entered) {
      deadline = entered
      try {
        yield* sleep(1000)
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        yield* shield(sleep(80))
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

function* main(): Coroutine {
  for (const deadlineAfter of [500, 60]) {
    const task = createTask(work, deadlineAfter)
    getRunningLoop().callLater(30, () => task.cancel())
    try {
      yield* task
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('CancelledError')
    }
  }
}

await run(main)
