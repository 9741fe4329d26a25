/**
 * waitFor around a shield gives up waiting, not the work: one may ask again
 * later, and other askers of the same work are not disturbed.
 */
import { type Coroutine, createTask, run, shield, sleep, type Task, TimeoutError, waitFor } from 'polvo'

function* slowAnswer(): Coroutine<string> {
  yield* sleep(100)
  console.log('the oracle speaks')
  return 'perhaps'
}

function* patient(oracle: Task<string>): Coroutine {
  console.log('patient hears', yield* shield(oracle))
}

function* main(): Coroutine {
  const oracle = createTask(slowAnswer)
  const waiting = createTask(patient, oracle)
  for (const attempt of [1, 2]) {
    try {
      console.log(yield* waitFor(shield(oracle), 30))
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      console.log('attempt', attempt, 'TimeoutError, oracle requests', oracle.cancelling())
    }
  }
  console.log('main hears', yield* waitFor(shield(oracle), 5000))
  yield* waiting
}

await run(main)
