/**
 * In debug mode a callback that is no function, or is a coroutine function,
 * is refused at the moment of scheduling.
 */
import { type Coroutine, getRunningLoop, run, sleep } from 'polvo'

function* coroutineFunction(): Coroutine {}

function* main(): Coroutine {
  const loop = getRunningLoop()
  console.log('debug', loop.getDebug())
  const schedulers = [
    (callback: () => void) => loop.callSoon(callback),
    (callback: () => void) => loop.callLater(10, callback),
    (callback: () => void) => loop.callAt(loop.time(), callback),
  ]
  for (const schedule of schedulers) {
    for (const callback of ['text', coroutineFunction]) {
      try {
        schedule(callback as () => void)
        console.log('accepted')
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        console.log('error')
      }
    }
  }
  loop.callSoon(console.log, 'a function is welcome')
  yield* sleep(0)
  loop.setDebug(false)
  console.log('debug', loop.getDebug())
}

await run(main, { debug: true })
