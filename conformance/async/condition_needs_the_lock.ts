/**
 * Waiting on or notifying a condition without its lock is an error; a
 * notification to nobody is forgotten.
 */
import { Condition, run, TimeoutError, use, waitFor } from 'polvo'

async function main(): Promise<void> {
  const condition = new Condition()
  try {
    await condition.wait()
  } catch {
    console.log('error: wait')
  }
  for (const notify of [() => condition.notify(), () => condition.notifyAll()]) {
    try {
      notify()
    } catch {
      console.log('error: notify')
    }
  }

  await use(condition, async () => {
    condition.notifyAll()
    try {
      await waitFor(condition.wait(), 20)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      console.log('TimeoutError: the earlier call was forgotten')
    }
    console.log('true already:', await condition.waitFor(() => 'no waiting'))
  })
}

await run(main)
