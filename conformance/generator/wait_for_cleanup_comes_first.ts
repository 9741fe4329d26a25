/**
 * waitFor cancels what is overdue and waits for its cleanup before it throws; a value returned in spite of
 * the cancellation is handed over.
 */
import { CancelledError, type Coroutine, currentTask, run, sleep, TimeoutError, waitFor } from 'polvo'

class Boom extends Error {}

function* work(answer: string): Coroutine<string | undefined> {
  try {
    yield* sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('cleaning up')
    yield* sleep(20)
    console.log('cleaned up')
    if (answer === 'value') return 'better late than never'
    if (answer === 'error') throw new Boom('cleanup failed')
    throw error
  }
  return undefined
}

function* main(): Coroutine {
  for (const answer of ['nothing', 'value', 'error']) {
    try {
      console.log(yield* waitFor(work(answer), 20))
    } catch (error) {
      if (error instanceof TimeoutError) console.log('TimeoutError')
      else if (error instanceof Boom) console.log(error.message)
      else throw error
    }
    console.log('requests', currentTask()!.cancelling())
  }
  console.log(yield* waitFor(sleep(0, 'in time'), 5000))
  console.log(yield* waitFor(sleep(0, 'no hurry'), null))
}

await run(main)
