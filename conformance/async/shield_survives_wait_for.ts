/**
 * waitFor around a shield gives up waiting, not the work: one may ask again
 * later, and other askers of the same work are not disturbed.
 */
import { createTask, run, shield, sleep, type Task, TimeoutError, waitFor } from 'polvo'

async function slowAnswer(): Promise<string> {
  await sleep(100)
  console.log('the oracle speaks')
  return 'perhaps'
}

async function patient(oracle: Task<string>): Promise<void> {
  console.log('patient hears', await shield(oracle))
}

async function main(): Promise<void> {
  const oracle = createTask(slowAnswer)
  const waiting = createTask(patient, oracle)
  for (const attempt of [1, 2]) {
    try {
      console.log(await waitFor(shield(oracle), 30))
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      console.log('attempt', attempt, 'TimeoutError, oracle requests', oracle.cancelling())
    }
  }
  console.log('main hears', await waitFor(shield(oracle), 5000))
  await waiting
}

await run(main)
