/**
 * A cancelled waiter still takes the lock back before the error leaves
 * wait(), for the block around it is going to release it.
 */
import { CancelledError, Condition, createTask, run, sleep, use, wait } from 'polvo'

async function sleeper(condition: Condition): Promise<void> {
  try {
    await use(condition, async () => {
      try {
        await condition.wait()
      } finally {
        console.log('woken inside the lock, locked', condition.locked())
      }
    })
  } catch (error) {
    if (error instanceof CancelledError) console.log('sleeper out')
    throw error
  }
}

async function main(): Promise<void> {
  const condition = new Condition()
  const task = createTask(sleeper, condition)
  await sleep(0)
  await use(condition, async () => {
    task.cancel()
    for (let turn = 0; turn < 5; turn++) await sleep(0)
    console.log('cancelled long ago, done', task.done())
  })
  await wait([task])
  console.log('cancelled', task.cancelled(), 'locked', condition.locked())
}

await run(main)
