/**
 * runUntilComplete returns the result, throws the error, or complains when the loop was stopped before the
 * future was done; a closed loop refuses work.
 */
import { call, newEventLoop, sleep } from 'polvo'

class Boom extends Error {}

async function answer(): Promise<number> {
  await sleep(0)
  return 42
}

async function fail(): Promise<void> {
  await sleep(0)
  throw new Boom('no such door')
}

const loop = newEventLoop()
console.log(await loop.runUntilComplete(call(answer)))
try {
  await loop.runUntilComplete(call(fail))
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
