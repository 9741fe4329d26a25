/**
 * A callback that re-arms itself counts passes, and so measures how long each kind of await keeps its task
 * away.
 */
import { type Awaitable, call, createTask, getRunningLoop, run, sleep, type Task } from 'polvo'

async function nothing(): Promise<string> {
  return 'nothing'
}

async function rest(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await sleep(0)
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  let passes = 0

  function count(): void {
    passes++
    loop.callSoon(count)
  }

  loop.callSoon(count)
  await sleep(0)

  async function measure(label: string, awaitable: Awaitable<unknown>): Promise<void> {
    const before = passes
    await awaitable
    console.log(label, passes - before)
  }

  const settled = loop.createFuture<null>()
  settled.setResult(null)
  await measure('a settled future', settled)
  await measure('a coroutine without waits', call(nothing))
  await measure('sleep of zero', sleep(0))
  await measure('three sleeps of zero', call(rest, 3))
  await measure('a task without waits', createTask(nothing))
  await measure('a task of three sleeps', createTask(rest, 3))
  const [finished] = await finishedTask()
  await measure('a finished task', finished)
}

/** In an array: an async function that returns a task returns what the task does. */
async function finishedTask(): Promise<[Task<string>]> {
  const task = createTask(nothing)
  await task
  return [task]
}

await run(main)
