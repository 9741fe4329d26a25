/**
 * A task that asks to cancel itself is interrupted at its next wait; if it returns before any, it ends
 * cancelled and its value is lost.
 */
import { CancelledError, type Coroutine, createTask, currentTask, getRunningLoop, run, sleep } from 'polvo'

function* hasty(): Coroutine<string> {
  currentTask()!.cancel()
  console.log('hasty returns')
  return 'a lost value'
}

function* thorough(): Coroutine<string> {
  currentTask()!.cancel()
  const settled = getRunningLoop().createFuture<string>()
  settled.setResult('no suspension, no interruption')
  console.log(yield* settled)
  try {
    yield* sleep(0)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('interrupted at the first real wait')
  }
  return 'a kept value'
}

function* main(): Coroutine {
  for (const work of [hasty, thorough]) {
    const task = createTask(work)
    try {
      console.log(yield* task)
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      console.log('CancelledError')
    }
    console.log('cancelled', task.cancelled(), 'requests', task.cancelling())
  }
}

await run(main)
