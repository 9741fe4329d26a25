/**
 * A waiter that is cancelled after the lock was offered to it, but before it
 * could take it, passes the offer on to the next.
 */
import { CancelledError, createTask, Lock, run, sleep, use, wait } from 'polvo'

async function heir(lock: Lock, name: string): Promise<void> {
  try {
    await use(lock, () => console.log(name, 'inherits'))
  } catch (error) {
    if (error instanceof CancelledError) console.log(name, 'declines')
    throw error
  }
}

async function main(): Promise<void> {
  const lock = new Lock()
  const heirs = await use(lock, async () => {
    const heirs = ['ada', 'bea', 'cox', 'dee'].map((name) => createTask(heir, lock, name))
    await sleep(0)
    heirs[1]?.cancel()
    return heirs
  })
  heirs[0]?.cancel()
  await wait(heirs)
  console.log('cancelled', ...heirs.map((task) => task.cancelled()))
  console.log('locked', lock.locked())
}

await run(main)
