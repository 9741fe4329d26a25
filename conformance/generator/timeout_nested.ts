/**
 * Of nested timeouts the one that expires throws: an outer one passes through the inner as a CancelledError,
 * an inner one may be handled on the spot.
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

function* nest(outerDelay: number, innerDelay: number): Coroutine {
  let outer!: Timeout
  let inner!: Timeout
  try {
    yield* timeout(outerDelay, function* (enteredOuter) {
      outer = enteredOuter
      try {
        yield* timeout(innerDelay, function* (enteredInner) {
          inner = enteredInner
          yield* sleep(1000)
        })
      } catch (error) {
        if (error instanceof TimeoutError) console.log('inner TimeoutError')
        else {
          if (error instanceof CancelledError) console.log('inner CancelledError')
          throw error
        }
      }
      console.log('outer goes on')
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('outer TimeoutError')
  }
  console.log('outer', outer.expired(), 'inner', inner.expired())
  console.log('requests', currentTask()!.cancelling())
}

function* main(): Coroutine {
  yield* nest(30, 500)
  yield* nest(500, 30)
}

await run(main)
