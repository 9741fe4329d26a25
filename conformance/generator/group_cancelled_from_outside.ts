/**
 * Cancelling the parent while it waits for its group cancels the child, waits for its cleanup, and lets the
 * CancelledError out, not a group.
 */
import { CancelledError, type Coroutine, createTask, currentTask, run, sleep, taskGroup, wait } from 'polvo'

function* child(): Coroutine {
  try {
    yield* sleep(1000)
  } finally {
    console.log('child cleans up')
    yield* sleep(0)
    console.log('child done')
  }
}

function* parent(): Coroutine {
  try {
    yield* taskGroup(function* (group) {
      group.createTask(child)
      console.log('body done')
    })
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError in parent, requests', currentTask()!.cancelling())
    throw error
  }
}

function* main(): Coroutine {
  const task = createTask(parent)
  yield* sleep(0)
  yield* sleep(0)
  task.cancel()
  yield* wait([task])
  console.log('parent cancelled', task.cancelled())
}

await run(main)
