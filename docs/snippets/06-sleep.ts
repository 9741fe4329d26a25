import { type Coroutine, createTask, Future, getRunningLoop, run } from 'polvo'

function* watchTheClock(deadline: number, done: Future<void>): Coroutine {
  while (getRunningLoop().time() < deadline) yield
  done.setResult()
}

function* mySleep(ms: number): Coroutine {
  const done = new Future<void>()
  createTask(watchTheClock, getRunningLoop().time() + ms, done)
  yield* done
}

function* main(): Coroutine {
  console.log('good night')
  yield* mySleep(20)
  console.log('good morning')
}

await run(main)
