/**
 * runUntilComplete returns the result, throws the error, or complains when the loop was stopped before the
 * future was done; a closed loop refuses work.
 */
import { type Coroutine, newEventLoop, sleep } from 'polvo'

class Boom extends Error {}

function* answer(): Coroutine<number> {
  yield* sleep(0)
  return 42
}

function* fail(): Coroutine {
  yield* sleep(0)
  throw new Boom('no such door')
}

const loop = newEventLoop()
console.log(await loop.runUntilComplete(answer()))
try {
  await loop.runUntilComplete(fail())
} catch (error) {
  if (!(error instanceof Boom)) throw error
  console.log(error.message)
}

const letter = loop.createFuture<string>()
loop.callSoon(() => loop.stop())
try {
  await loop.runUntilComplete(letter)
} catch {
  console.log('error')
}

loop.callSoon((result: string) => letter.setResult(result), 'delivered')
console.log(await loop.runUntilComplete(letter))
console.log(await loop.runUntilComplete(letter), 'once more')

loop.close()
loop.close()
try {
  loop.callSoon(console.log, 'never')
} catch {
  console.log('error')
}
