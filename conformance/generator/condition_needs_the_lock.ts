/**
 * Waiting on or notifying a condition without its lock is an error; a
 * notification to nobody is forgotten.
 */
import { Condition, type Coroutine, run, TimeoutError, use, waitFor } from 'polvo'

function* main(): Coroutine {
  const condition = new Condition()
  try {
    yield* condition.wait()
  } catch {
    console.log('error: wait')
  }
  for (const notify of [() => condition.notify(), () => condition.notifyAll()]) {
    try {
      notify()
    } catch {
      console.log('error: notify')
    }
  }

  yield* use(condition, function* () {
    condition.notifyAll()
    try {
      yield* waitFor(condition.wait(), 20)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      console.log('TimeoutError: the earlier call was forgotten')
    }
    console.log('true already:', yield* condition.waitFor(() => 'no waiting'))
  })
}

await run(main)
