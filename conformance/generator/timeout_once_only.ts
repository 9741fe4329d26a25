/**
 * A timeout serves one block, inside a task; entering it again, or moving it before it was entered, is an
 * error.
 *
 * Its body belongs to it, so that entering it again would run the same body: the first line of it tries just
 * that.
 */
import {
  type Awaitable,
  type Coroutine,
  getRunningLoop,
  run,
  sleep,
  TimeoutError,
  timeout,
  timeoutAt,
} from 'polvo'

function* main(): Coroutine {
  const loop = getRunningLoop()
  const limit: Awaitable<void> = timeout(1000, function* () {
    try {
      yield* limit
      console.log('never printed')
    } catch {
      console.log('error: entered already')
    }
  })
  try {
    // @ts-expect-error: only the timeout that the body is given can be moved
    limit.reschedule(loop.time() + 2000)
  } catch {
    console.log('error: not entered yet')
  }
  yield* limit
  try {
    yield* limit
    console.log('never printed')
  } catch {
    console.log('error: used up')
  }

  try {
    yield* timeoutAt(loop.time() - 1000, function* () {
      console.log('a deadline of the past strikes at the first wait')
      yield* sleep(0)
      console.log('never printed')
    })
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    console.log('TimeoutError')
  }

  const past = yield* timeoutAt(loop.time() - 1000, function* (entered) {
    console.log('without a wait it never strikes')
    return entered
  })
  console.log('expired', past.expired())
}

await run(main)
