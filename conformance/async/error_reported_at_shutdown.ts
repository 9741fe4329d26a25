/**
 * A leftover task that answers its final cancellation with an error cannot
 * tell anyone any more: the exception handler hears of it.
 */
import { CancelledError, createTask, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

async function soreLoser(): Promise<void> {
  try {
    await sleep(10_000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    throw new Boom('it is not over')
  }
}

async function goodLoser(): Promise<string | undefined> {
  try {
    await sleep(10_000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    return 'well played'
  }
  return undefined
}

async function main(): Promise<string> {
  getRunningLoop().setExceptionHandler((_, context) =>
    console.log('handler:', (context.exception as Boom).message),
  )
  createTask(soreLoser)
  createTask(goodLoser)
  await sleep(0)
  return 'main result'
}

console.log(await run(main))
