/**
 * Inside a task currentTask is that task, across awaits; in a plain callback there is none. A name is given
 * at birth or later.
 */
import { type Coroutine, createTask, currentTask, getRunningLoop, run, sleep } from 'polvo'

function who(): string {
  const task = currentTask()
  return task ? task.getName() : 'nobody'
}

function* nested(): Coroutine<string> {
  return who()
}

function* work(): Coroutine {
  console.log('at work:', who())
  yield* sleep(0)
  console.log('still at work:', yield* nested())
  currentTask()!.setName('retired smith')
}

function* main(): Coroutine {
  currentTask()!.setName('mayor')
  const loop = getRunningLoop()
  const smith = createTask({ name: 'smith' }, work)
  loop.callSoon(() => console.log('in a callback:', who()))
  console.log('in town:', who())
  smith.addDoneCallback((task) => console.log('when done:', who(), 'saw', task.getName()))
  yield* smith
  console.log('in town:', who())
  console.log('same task', currentTask() === smith)
  yield* sleep(0)
}

await run(main)
