/**
 * An error in a callback goes to the exception handler; the loop, the other
 * callbacks and the future concerned carry on.
 */
import { type Coroutine, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

function fail(message: string): never {
  throw new Boom(message)
}

function* main(): Coroutine {
  const loop = getRunningLoop()
  loop.setExceptionHandler((_, context) => console.log('handler:', (context.exception as Boom).message))

  loop.callSoon(fail, 'in call_soon')
  loop.callSoon(console.log, 'the next callback')
  loop.callLater(30, fail, 'in call_later')

  const future = loop.createFuture<string>()
  future.addDoneCallback((f) => console.log('first listener', f.result()))
  future.addDoneCallback(() => fail('in a done callback'))
  future.addDoneCallback((f) => console.log('third listener', f.result()))
  future.setResult('news')
  console.log('awaited', yield* future)
  yield* sleep(60)

  loop.setExceptionHandler((_, context) => console.log('new handler:', context.message))
  loop.callExceptionHandler({ message: 'reported by hand' })
  console.log('main ends')
}

await run(main)
