/**
 * A second cancel interrupts the cleanup that the first one started; the request count shows both.
 */
import { CancelledError, type Coroutine, createTask, currentTask, run, sleep, wait } from 'polvo'

function* patient(): Coroutine {
  try {
    yield* sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('cleanup starts, requests', currentTask()!.cancelling())
    try {
      yield* sleep(1000)
      console.log('never printed')
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('cleanup interrupted, requests', currentTask()!.cancelling())
      yield* sleep(0)
      console.log('last words')
      throw error
    }
  }
}

function* main(): Coroutine {
  const task = createTask(patient)
  yield* sleep(0)
  for (let i = 0; i < 2; i++) {
    task.cancel()
    yield* sleep(0)
  }
  console.log('done', task.done())
  yield* wait([task])
  console.log('cancelled', task.cancelled())
}

await run(main)
