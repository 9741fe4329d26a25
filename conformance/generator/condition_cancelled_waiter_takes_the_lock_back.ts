/**
 * A cancelled waiter still takes the lock back before the error leaves
 * wait(), for the block around it is going to release it.
 */
import { CancelledError, Condition, type Coroutine, createTask, run, sleep, use, wait } from 'polvo'

function* sleeper(condition: Condition): Coroutine {
  try {
    yield* use(condition, function* () {
      try {
        yield* condition.wait()
      } finally {
        console.log('woken inside the lock, locked', condition.locked())
      }
    })
  } catch (error) {
    if (error instanceof CancelledError) console.log('sleeper out')
    throw error
  }
}

function* main(): Coroutine {
  const condition = new Condition()
  const task = createTask(sleeper, condition)
  yield* sleep(0)
  yield* use(condition, function* () {
    task.cancel()
    for (let turn = 0; turn < 5; turn++) yield* sleep(0)
    console.log('cancelled long ago, done', task.done())
  })
  yield* wait([task])
  console.log('cancelled', task.cancelled(), 'locked', condition.locked())
}

await run(main)
