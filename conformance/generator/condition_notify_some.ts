/**
 * notify(n) wakes the n who have waited longest, notifyAll the rest; each
 * goes on only when it has got the lock back, one after the other.
 */
import { Condition, type Coroutine, createTask, gather, run, sleep, use } from 'polvo'

function* crew(name: string, whistle: Condition): Coroutine {
  yield* use(whistle, function* () {
    console.log(name, 'waits')
    yield* whistle.wait()
    console.log(name, 'works')
    yield* sleep(0)
    console.log(name, 'rests')
  })
}

function* main(): Coroutine {
  const whistle = new Condition()
  const tasks = [...'abcde'].map((name) => createTask(crew, name, whistle))
  yield* sleep(0)
  yield* use(whistle, () => {
    whistle.notify()
    whistle.notify(2)
    console.log('three were called')
  })
  for (let turn = 0; turn < 12; turn++) yield* sleep(0)
  yield* use(whistle, () => {
    whistle.notifyAll()
    console.log('the others were called')
  })
  yield* gather(...tasks)
}

await run(main)
