/**
 * Tasks and plain callbacks stand in the same first-in first-out line: creating a task queues its first step
 * just as callSoon queues a callback.
 */
import { type Coroutine, createTask, getRunningLoop, run, sleep } from 'polvo'

function* courier(name: string): Coroutine<string> {
  console.log(name, 'sets out')
  yield* sleep(0)
  console.log(name, 'returns')
  return name
}

function* main(): Coroutine {
  const loop = getRunningLoop()
  loop.callSoon(console.log, 'bell one')
  const first = createTask(courier, 'anna')
  loop.callSoon(console.log, 'bell two')
  const second = createTask(courier, 'bert')
  loop.callSoon(console.log, 'bell three')
  console.log('office opens')
  yield* sleep(0)
  console.log('office looks up')
  console.log(yield* second, yield* first)
}

await run(main)
