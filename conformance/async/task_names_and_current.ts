/**
 * Inside a task currentTask is that task, across awaits; in a plain callback there is none. A name is given
 * at birth or later.
 */
import { createTask, currentTask, getRunningLoop, run, sleep } from 'polvo'

function who(): string {
  const task = currentTask()
  return task ? task.getName() : 'nobody'
}

async function nested(): Promise<string> {
  return who()
}

async function work(): Promise<void> {
  console.log('at work:', who())
  await sleep(0)
  console.log('still at work:', await nested())
  currentTask()!.setName('retired smith')
}

async function main(): Promise<void> {
  currentTask()!.setName('mayor')
  const loop = getRunningLoop()
  const smith = createTask({ name: 'smith' }, work)
  loop.callSoon(() => console.log('in a callback:', who()))
  console.log('in town:', who())
  smith.addDoneCallback((task) => console.log('when done:', who(), 'saw', task.getName()))
  await smith
  console.log('in town:', who())
  console.log('same task', currentTask() === smith)
  await sleep(0)
}

await run(main)
