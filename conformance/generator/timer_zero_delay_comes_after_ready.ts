/**
 * A timer of zero or negative delay is due in the next pass, behind the callbacks that were ready before it
 * was looked at.
 */
import { type Coroutine, createTask, getRunningLoop, run, sleep } from 'polvo'

function* walker(): Coroutine {
  console.log('walker')
}

function* main(): Coroutine {
  const loop = getRunningLoop()
  loop.callLater(0, console.log, 'timer of zero')
  loop.callSoon(console.log, 'callback')
  const walk = createTask(walker)
  yield* sleep(0)
  console.log('main after one pass')
  loop.callLater(-1, console.log, 'timer of the past')
  loop.callSoon(console.log, 'late callback')
  yield* sleep(0)
  console.log('main after two passes')
  yield* sleep(-5)
  console.log('main after three passes')
  yield* walk
}

await run(main)
