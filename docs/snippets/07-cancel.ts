import { type Coroutine, createTask, run, sleep } from 'polvo'

function* worker(): Coroutine {
  try {
    for (let i = 1; ; i++) {
      console.log('working', i)
      yield* sleep(100)
    }
  } finally {
    console.log('cleaning up')
    yield* sleep(5)
    console.log('clean')
  }
}

function* main(): Coroutine {
  const task = createTask(worker)
  yield* sleep(150)
  console.log('cancel:', task.cancel())
  try {
    yield* task
  } catch (error) {
    console.log(String(error))
  }
}

await run(main)
