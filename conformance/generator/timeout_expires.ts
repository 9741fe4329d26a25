/**
 * Inside an expired timeout the body sees a CancelledError; outside it is a TimeoutError, the task owes
 * nothing, and the next block works as usual.
 */
import {
  CancelledError,
  type Coroutine,
  currentTask,
  run,
  sleep,
  type Timeout,
  TimeoutError,
  timeout,
} from 'polvo'

function* main(): Coroutine {
  const me = currentTask()!
  let deadline!: Timeout
  try {
    yield* timeout(30, function* (entered) {
      deadline = entered
      console.log('expired', deadline.expired())
      try {
        yield* sleep(1000)
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        console.log('CancelledError inside, requests', me.cancelling())
        throw error
      }
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError outside, requests', me.cancelling())
  }
  console.log('expired', deadline.expired())

  yield* timeout(1000, function* (entered) {
    deadline = entered
    console.log(yield* sleep(20, 'plenty of time'))
  })
  console.log('expired', deadline.expired())
}

await run(main)
