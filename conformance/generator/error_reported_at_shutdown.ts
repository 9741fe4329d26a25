/**
 * A leftover task that answers its final cancellation with an error cannot
 * tell anyone any more: the exception handler hears of it.
 */
import { CancelledError, type Coroutine, createTask, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

function* soreLoser(): Coroutine {
  try {
    yield* sleep(10_000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    throw new Boom('it is not over')
  }
}

function* goodLoser(): Coroutine<string | undefined> {
  try {
    yield* sleep(10_000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    return 'well played'
  }
  return undefined
}

function* main(): Coroutine<string> {
  getRunningLoop().setExceptionHandler((_, context) =>
    console.log('handler:', (context.exception as Boom).message),
  )
  createTask(soreLoser)
  createTask(goodLoser)
  yield* sleep(0)
  return 'main result'
}

console.log(await run(main))
