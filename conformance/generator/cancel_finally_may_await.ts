/**
 * Cleanup may wait: a cancelled task is done only when its finally blocks, awaits included, have run,
 * innermost first.
 */
import { type Coroutine, createTask, run, sleep } from 'polvo'

function* close(name: string): Coroutine {
  console.log('closing', name)
  yield* sleep(0)
  yield* sleep(0)
  console.log('closed', name)
}

function* session(): Coroutine {
  try {
    try {
      console.log('working')
      yield* sleep(1000)
    } finally {
      yield* close('file')
    }
  } finally {
    yield* close('connection')
  }
}

function* main(): Coroutine {
  const task = createTask(session)
  yield* sleep(0)
  task.cancel()
  let passes = 0
  while (!task.done()) {
    passes++
    yield* sleep(0)
  }
  console.log('took passes', passes)
  console.log('cancelled', task.cancelled())
}

await run(main)
