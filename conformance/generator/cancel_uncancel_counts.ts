/**
 * cancelling() counts requests and uncancel() takes them back, never below zero; the CancelledError itself
 * comes once, not once per request.
 */
import { CancelledError, type Coroutine, currentTask, run, sleep } from 'polvo'

function* main(): Coroutine {
  const me = currentTask()!
  console.log('at first', me.cancelling())
  for (let i = 0; i < 3; i++) me.cancel()
  console.log('asked', me.cancelling())
  try {
    yield* sleep(0)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError')
  }
  yield* sleep(0)
  console.log('runs on with', me.cancelling())
  console.log('taken back', ...Array.from({ length: 5 }, () => me.uncancel()))
  yield* sleep(0)
  console.log('free with', me.cancelling())
}

await run(main)
