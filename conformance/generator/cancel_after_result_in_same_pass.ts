/**
 * When a future gets its result and its awaiting task is cancelled before that task could wake, the
 * cancellation wins and the future keeps the result.
 */
import {
  CancelledError,
  type Coroutine,
  createTask,
  type Future,
  getRunningLoop,
  run,
  sleep,
  wait,
} from 'polvo'

function* receive(letter: Future<string>): Coroutine {
  try {
    console.log('read', yield* letter)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('torn away from the letter box')
    throw error
  }
}

function* main(): Coroutine {
  const loop = getRunningLoop()

  let letter = loop.createFuture<string>()
  let reader = createTask(receive, letter)
  yield* sleep(0)
  letter.setResult('dear friend')
  console.log('cancel', reader.cancel())
  yield* wait([reader])
  console.log('reader cancelled', reader.cancelled())
  console.log('letter says', letter.result())

  letter = loop.createFuture<string>()
  reader = createTask(receive, letter)
  yield* sleep(0)
  reader.cancel()
  console.log('letter cancelled', letter.cancelled())
  yield* wait([reader])
  console.log('reader cancelled', reader.cancelled())
}

await run(main)
