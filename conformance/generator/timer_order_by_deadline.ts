/**
 * Timers fire in the order of their deadlines, not of their creation; a task asleep is only another timer.
 */
import { type Coroutine, createTask, getRunningLoop, run, sleep } from 'polvo'

function* sleeper(name: string, delay: number): Coroutine {
  console.log(yield* sleep(delay, name))
}

function* main(): Coroutine {
  const loop = getRunningLoop()
  loop.callLater(150, console.log, 'fifth')
  loop.callLater(30, console.log, 'first')
  const fourth = createTask(sleeper, 'fourth', 120)
  loop.callLater(90, console.log, 'third')
  const second = createTask(sleeper, 'second', 60)
  yield* sleep(180)
  console.log('last')
  yield* second
  yield* fourth
}

await run(main)
