/**
 * Releasing what is not held is an error; a lock is owned by nobody in
 * particular, so another task may release it; a free lock costs no turn.
 */
import { type Coroutine, createTask, getRunningLoop, Lock, run, use } from 'polvo'

class Boom extends Error {}

function* main(): Coroutine {
  const lock = new Lock()
  try {
    lock.release()
  } catch {
    console.log('error')
  }

  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  console.log('acquired', yield* lock.acquire())
  lock.release()
  yield* use(lock, () => console.log('acquired, locked', lock.locked()))
  console.log('no turn was needed')

  yield* lock.acquire()

  function* burglar(): Coroutine {
    lock.release()
    console.log('released by another task')
  }

  yield* createTask(burglar)
  console.log('locked', lock.locked())

  try {
    yield* use(lock, () => {
      throw new Boom()
    })
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log('locked after an error', lock.locked())
  }
}

await run(main)
