/**
 * A failed task keeps its error: every await and every result() throws it, exception() hands it over quietly.
 */
import { type Coroutine, createTask, run, sleep } from 'polvo'

class Boom extends Error {}

function* fail(): Coroutine<never> {
  yield* sleep(0)
  throw new Boom('spilt milk')
}

function* main(): Coroutine {
  const task = createTask(fail)
  for (const attempt of [1, 2]) {
    try {
      yield* task
    } catch (error) {
      if (!(error instanceof Boom)) throw error
      console.log('await', attempt, error.message)
    }
  }
  try {
    task.result()
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log('result', error.message)
  }
  const exception = task.exception() as Boom
  console.log('exception', exception.message)
  console.log('done', task.done(), 'cancelled', task.cancelled())
  console.log('cancel', task.cancel(), 'requests', task.cancelling())
}

await run(main)
