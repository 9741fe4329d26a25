/**
 * A waiter that is cancelled after the lock was offered to it, but before it
 * could take it, passes the offer on to the next.
 */
import { CancelledError, type Coroutine, createTask, Lock, run, sleep, use, wait } from 'polvo'

function* heir(lock: Lock, name: string): Coroutine {
  try {
    yield* use(lock, () => console.log(name, 'inherits'))
  } catch (error) {
    if (error instanceof CancelledError) console.log(name, 'declines')
    throw error
  }
}

function* main(): Coroutine {
  const lock = new Lock()
  const heirs = yield* use(lock, function* () {
    const heirs = ['ada', 'bea', 'cox', 'dee'].map((name) => createTask(heir, lock, name))
    yield* sleep(0)
    heirs[1]?.cancel()
    return heirs
  })
  heirs[0]?.cancel()
  yield* wait(heirs)
  console.log('cancelled', ...heirs.map((task) => task.cancelled()))
  console.log('locked', lock.locked())
}

await run(main)
