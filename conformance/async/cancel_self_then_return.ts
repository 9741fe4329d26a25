/**
 * A task that asks to cancel itself is interrupted at its next wait; if it returns before any, it ends
 * cancelled and its value is lost.
 */
import { CancelledError, createTask, currentTask, getRunningLoop, run, sleep } from 'polvo'

async function hasty(): Promise<string> {
  currentTask()!.cancel()
  console.log('hasty returns')
  return 'a lost value'
}

async function thorough(): Promise<string> {
  currentTask()!.cancel()
  const settled = getRunningLoop().createFuture<string>()
  settled.setResult('no suspension, no interruption')
  console.log(await settled)
  try {
    await sleep(0)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('interrupted at the first real wait')
  }
  return 'a kept value'
}

async function main(): Promise<void> {
  for (const work of [hasty, thorough]) {
    const task = createTask(work)
    try {
      console.log(await task)
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('CancelledError')
    }
    console.log('cancelled', task.cancelled(), 'requests', task.cancelling())
  }
}

await run(main)
