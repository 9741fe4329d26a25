/**
 * The first error in a group cancels the sibling and the body, waits for their cleanup, and comes out as a
 * group of errors; the parent owes nothing.
 */
import { CancelledError, currentTask, ExceptionGroup, run, sleep, taskGroup } from 'polvo'

class Boom extends Error {}

async function faulty(): Promise<void> {
  await sleep(0)
  throw new Boom('short circuit')
}

async function sibling(): Promise<void> {
  try {
    await sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('sibling interrupted')
    await sleep(0)
    console.log('sibling cleaned up')
    throw error
  }
}

async function main(): Promise<void> {
  const me = currentTask()!
  try {
    await taskGroup(async (plant) => {
      plant.createTask(sibling)
      plant.createTask(faulty)
      try {
        await sleep(1000)
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        console.log('body interrupted, requests', me.cancelling())
        throw error
      }
    })
  } catch (group) {
    if (!(group instanceof ExceptionGroup)) throw group
    console.log('ExceptionGroup', ...group.errors.map((error) => (error as Error).message).sort())
  }
  console.log('requests', me.cancelling())
  await sleep(0)
  console.log('life goes on')
}

await run(main)
