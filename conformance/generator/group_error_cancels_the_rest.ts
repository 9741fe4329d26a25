/**
 * The first error in a group cancels the sibling and the body, waits for their cleanup, and comes out as a
 * group of errors; the parent owes nothing.
 */
import { CancelledError, type Coroutine, currentTask, ExceptionGroup, run, sleep, taskGroup } from 'polvo'

class Boom extends Error {}

function* faulty(): Coroutine {
  yield* sleep(0)
  throw new Boom('short circuit')
}

function* sibling(): Coroutine {
  try {
    yield* sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('sibling interrupted')
    yield* sleep(0)
    console.log('sibling cleaned up')
    throw error
  }
}

function* main(): Coroutine {
  const me = currentTask()!
  try {
    yield* taskGroup(function* (plant) {
      plant.createTask(sibling)
      plant.createTask(faulty)
      try {
        yield* sleep(1000)
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        console.log('body interrupted, requests', me.cancelling())
        throw error
      }
    })
  } catch (group) {
    if (!(group instanceof ExceptionGroup)) throw group
    console.log('ExceptionGroup', ...group.errors.map((error) => (error as Error).message).sort())
  }
  console.log('requests', me.cancelling())
  yield* sleep(0)
  console.log('life goes on')
}

await run(main)
