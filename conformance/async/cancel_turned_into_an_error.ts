/**
 * What a task throws in answer to a cancellation decides how it ends: an error makes it failed, a return
 * makes it finished, only the rest cancelled.
 */
import { CancelledError, createTask, run, sleep } from 'polvo'

class Boom extends Error {}

async function react(how: string): Promise<string | undefined> {
  try {
    await sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    if (how === 'error') throw new Boom('cleanup failed')
    if (how === 'value') return 'a consolation'
    if (how === 'fresh') throw new CancelledError()
    throw error
  }
  return undefined
}

async function main(): Promise<void> {
  for (const how of ['error', 'value', 'fresh', 'same']) {
    const task = createTask(react, how)
    await sleep(0)
    task.cancel()
    try {
      console.log(how, await task)
    } catch (error) {
      if (error instanceof Boom) console.log(how, error.message)
      else if (error instanceof CancelledError) console.log(how, 'CancelledError')
      else throw error
    }
    console.log(how, 'cancelled', task.cancelled())
  }
}

await run(main)
