/**
 * A chain of five hundred awaits suspends and resumes as one, carries a value up, and unwinds an error
 * through every level.
 */
import { CancelledError, type Coroutine, createTask, run, sleep } from 'polvo'

class Boom extends Error {}

let unwound = 0

function* descend(depth: number, bottom: () => Coroutine<number>): Coroutine<number> {
  if (depth === 0) return yield* bottom()
  try {
    return 1 + (yield* descend(depth - 1, bottom))
  } finally {
    unwound++
  }
}

function* rest(): Coroutine<number> {
  yield* sleep(0)
  yield* sleep(20)
  return 0
}

function* fail(): Coroutine<never> {
  yield* sleep(0)
  throw new Boom('from the deep')
}

function* main(): Coroutine {
  console.log(yield* descend(500, rest))
  console.log('unwound', unwound)
  const task = createTask(descend, 500, fail)
  try {
    yield* task
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(error.message)
  }
  console.log('unwound', unwound)

  const sinking = createTask(descend, 500, rest)
  yield* sleep(0)
  sinking.cancel()
  try {
    yield* sinking
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    console.log('CancelledError')
  }
  console.log('unwound', unwound)
}

await run(main)
