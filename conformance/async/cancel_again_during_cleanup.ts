/**
 * A second cancel interrupts the cleanup that the first one started; the request count shows both.
 */
import { CancelledError, createTask, currentTask, run, sleep, wait } from 'polvo'

async function patient(): Promise<void> {
  try {
    await sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('cleanup starts, requests', currentTask()!.cancelling())
    try {
      await sleep(1000)
      console.log('never printed')
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('cleanup interrupted, requests', currentTask()!.cancelling())
      await sleep(0)
      console.log('last words')
      throw error
    }
  }
}

async function main(): Promise<void> {
  const task = createTask(patient)
  await sleep(0)
  for (let i = 0; i < 2; i++) {
    task.cancel()
    await sleep(0)
  }
  console.log('done', task.done())
  await wait([task])
  console.log('cancelled', task.cancelled())
}

await run(main)
