/**
 * When the main coroutine is done the run cancels what is left and waits for
 * its cleanup, awaits included, before it hands over the result.
 */
import { CancelledError, type Coroutine, createTask, run, sleep, type Task } from 'polvo'

function* lamp(): Coroutine {
  try {
    console.log('lamp burns')
    yield* sleep(10_000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('lamp is put out')
    yield* sleep(20)
    console.log('lamp has cooled')
    throw error
  }
}

function* moth(flame: Task<void>): Coroutine {
  try {
    yield* flame
  } finally {
    console.log('moth flies off')
  }
}

function* main(): Coroutine<string> {
  createTask(moth, createTask(lamp))
  yield* sleep(0)
  yield* sleep(0)
  console.log('main goes to bed')
  return 'good night'
}

console.log(await run(main))
