/**
 * A task may not await itself, nor be settled from outside, nor accept what it does not understand; each
 * mistake is an error at the place it was made.
 */
import { type Coroutine, createTask, currentTask, run, sleep } from 'polvo'

class Rubbish {
  *[Symbol.iterator](): Generator<string, void> {
    yield 'rubbish'
  }
}

function* narcissus(): Coroutine<string> {
  try {
    yield* currentTask()!
  } catch {
    console.log('error: awaits itself')
  }
  return 'recovered'
}

function* hoarder(): Coroutine<string> {
  try {
    // @ts-expect-error: a coroutine yields no strings
    yield* new Rubbish()
  } catch {
    console.log('error: yields rubbish')
  }
  yield* sleep(0)
  return 'tidied up'
}

function* main(): Coroutine {
  console.log(yield* createTask(narcissus))
  console.log(yield* createTask(hoarder))

  const task = createTask(sleep(0, 'own result'))
  for (const settle of [() => task.setResult('forged'), () => task.setException(new Error())]) {
    try {
      settle()
    } catch {
      console.log('error: settled from outside')
    }
  }
  console.log(yield* task)

  try {
    // @ts-expect-error: a string is no coroutine
    createTask('not a coroutine')
  } catch {
    console.log('error: not a coroutine')
  }
}

await run(main)
