/**
 * When the main coroutine is done the run cancels what is left and waits for
 * its cleanup, awaits included, before it hands over the result.
 */
import { CancelledError, createTask, run, sleep, type Task } from 'polvo'

async function lamp(): Promise<void> {
  try {
    console.log('lamp burns')
    await sleep(10_000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('lamp is put out')
    await sleep(20)
    console.log('lamp has cooled')
    throw error
  }
}

async function moth(flame: Task<void>): Promise<void> {
  try {
    await flame
  } finally {
    console.log('moth flies off')
  }
}

async function main(): Promise<string> {
  createTask(moth, createTask(lamp))
  await sleep(0)
  await sleep(0)
  console.log('main goes to bed')
  return 'good night'
}

console.log(await run(main))
