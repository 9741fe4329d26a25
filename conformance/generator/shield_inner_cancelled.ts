/**
 * A shield hides cancellations from outside only: when the work itself is
 * cancelled or fails, the awaiter is told, though nobody cancelled it.
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
} from 'polvo'

class Boom extends Error {}

function* work(fails: boolean): Coroutine {
  yield* sleep(0)
  if (fails) throw new Boom('worn out')
  yield* sleep(1000)
}

function* main(): Coroutine {
  const me = currentTask()!

  const task = createTask(work, false)
  getRunningLoop().callSoon(() => task.cancel())
  try {
    yield* shield(task)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError, my requests', me.cancelling())
  }

  try {
    yield* shield(work(true))
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(error.message)
  }

  const outer = shield(sleep(20, 'hidden'))
  outer.cancel()
  try {
    yield* outer
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError, my requests', me.cancelling())
  }
}

await run(main)
