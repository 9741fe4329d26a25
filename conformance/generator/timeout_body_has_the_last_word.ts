/**
 * An expired timeout converts only a CancelledError that reaches its end: a body that throws something else,
 * or swallows it, has its way.
 */
import {
  CancelledError,
  type Coroutine,
  currentTask,
  run,
  sleep,
  type Timeout,
  TimeoutError,
  timeout,
} from 'polvo'

class Boom extends Error {}

function* body(answer: string): Coroutine {
  try {
    yield* sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    if (answer === 'error') throw new Boom('broke while leaving')
    if (answer === 'swallow') return
    throw error
  }
}

function* main(): Coroutine {
  for (const answer of ['raise', 'error', 'swallow']) {
    let deadline!: Timeout
    try {
      yield* timeout(20, function* (entered) {
        deadline = entered
        yield* body(answer)
      })
      console.log(answer, 'quiet end')
    } catch (error) {
      if (error instanceof TimeoutError) console.log(answer, 'TimeoutError')
      else if (error instanceof Boom) console.log(answer, error.message)
      else throw error
    }
    console.log('expired', deadline.expired(), 'requests', currentTask()!.cancelling())
    yield* sleep(0)
  }
}

await run(main)
