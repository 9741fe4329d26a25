/**
 * A shield hides cancellations from outside only: when the work itself is
 * cancelled or fails, the awaiter is told, though nobody cancelled it.
 */
import { CancelledError, call, createTask, currentTask, getRunningLoop, run, shield, sleep } from 'polvo'

class Boom extends Error {}

async function work(fails: boolean): Promise<void> {
  await sleep(0)
  if (fails) throw new Boom('worn out')
  await sleep(1000)
}

async function main(): Promise<void> {
  const me = currentTask()!

  const task = createTask(work, false)
  getRunningLoop().callSoon(() => task.cancel())
  try {
    await shield(task)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError, my requests', me.cancelling())
  }

  try {
    await shield(call(work, true))
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(error.message)
  }

  const outer = shield(sleep(20, 'hidden'))
  outer.cancel()
  try {
    await outer
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError, my requests', me.cancelling())
  }
}

await run(main)
