/**
 * Cancelling the parent while it waits for its group cancels the child, waits for its cleanup, and lets the
 * CancelledError out, not a group.
 */
import { CancelledError, createTask, currentTask, run, sleep, taskGroup, wait } from 'polvo'

async function child(): Promise<void> {
  try {
    await sleep(1000)
  } finally {
    console.log('child cleans up')
    await sleep(0)
    console.log('child done')
  }
}

async function parent(): Promise<void> {
  try {
    await taskGroup(async (group) => {
      group.createTask(child)
      console.log('body done')
    })
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError in parent, requests', currentTask()!.cancelling())
    throw error
  }
}

async function main(): Promise<void> {
  const task = createTask(parent)
  await sleep(0)
  await sleep(0)
  task.cancel()
  await wait([task])
  console.log('parent cancelled', task.cancelled())
}

await run(main)
