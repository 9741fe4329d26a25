/**
 * An expired timeout converts only a CancelledError that reaches its end: a body that throws something else,
 * or swallows it, has its way.
 */
import { CancelledError, currentTask, run, sleep, type Timeout, TimeoutError, timeout } from 'polvo'

class Boom extends Error {}

async function body(answer: string): Promise<void> {
  try {
    await sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    if (answer === 'error') throw new Boom('broke while leaving')
    if (answer === 'swallow') return
    throw error
  }
}

async function main(): Promise<void> {
  for (const answer of ['raise', 'error', 'swallow']) {
    let deadline!: Timeout
    try {
      await timeout(20, async (entered) => {
        deadline = entered
        await body(answer)
      })
      console.log(answer, 'quiet end')
    } catch (error) {
      if (error instanceof TimeoutError) console.log(answer, 'TimeoutError')
      else if (error instanceof Boom) console.log(answer, error.message)
      else throw error
    }
    console.log('expired', deadline.expired(), 'requests', currentTask()!.cancelling())
    await sleep(0)
  }
}

await run(main)
