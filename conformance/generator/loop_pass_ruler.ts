/**
 * A callback that re-arms itself counts passes, and so measures how long each kind of await keeps its task
 * away.
 */
import { type Coroutine, createTask, getRunningLoop, run, type Startable, sleep, type Task } from 'polvo'

function* nothing(): Coroutine<string> {
  return 'nothing'
}

function* rest(times: number): Coroutine {
  for (let i = 0; i < times; i++) yield* sleep(0)
}

function* main(): Coroutine {
  const loop = getRunningLoop()
  let passes = 0

  function count(): void {
    passes++
    loop.callSoon(count)
  }

  loop.callSoon(count)
  yield* sleep(0)

  function* measure(label: string, awaitable: Startable<unknown>): Coroutine {
    const before = passes
    yield* awaitable
    console.log(label, passes - before)
  }

  const settled = loop.createFuture<null>()
  settled.setResult(null)
  yield* measure('a settled future', settled)
  yield* measure('a coroutine without waits', nothing())
  yield* measure('sleep of zero', sleep(0))
  yield* measure('three sleeps of zero', rest(3))
  yield* measure('a task without waits', createTask(nothing))
  yield* measure('a task of three sleeps', createTask(rest, 3))
  yield* measure('a finished task', yield* finishedTask())
}

function* finishedTask(): Coroutine<Task<string>> {
  const task = createTask(nothing)
  yield* task
  return task
}

await run(main)
