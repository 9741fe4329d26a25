/**
 * Releasing what is not held is an error; a lock is owned by nobody in
 * particular, so another task may release it; a free lock costs no turn.
 */
import { createTask, getRunningLoop, Lock, run, use } from 'polvo'

class Boom extends Error {}

async function main(): Promise<void> {
  const lock = new Lock()
  try {
    lock.release()
  } catch {
    console.log('error')
  }

  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  console.log('acquired', await lock.acquire())
  lock.release()
  await use(lock, () => console.log('acquired, locked', lock.locked()))
  console.log('no turn was needed')

  await lock.acquire()

  async function burglar(): Promise<void> {
    lock.release()
    console.log('released by another task')
  }

  await createTask(burglar)
  console.log('locked', lock.locked())

  try {
    await use(lock, () => {
      throw new Boom()
    })
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log('locked after an error', lock.locked())
  }
}

await run(main)
