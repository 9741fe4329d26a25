/**
 * Timers fire in the order of their deadlines, not of their creation; a task asleep is only another timer.
 */
import { createTask, getRunningLoop, run, sleep } from 'polvo'

async function sleeper(name: string, delay: number): Promise<void> {
  console.log(await sleep(delay, name))
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  loop.callLater(150, console.log, 'fifth')
  loop.callLater(30, console.log, 'first')
  const fourth = createTask(sleeper, 'fourth', 120)
  loop.callLater(90, console.log, 'third')
  const second = createTask(sleeper, 'second', 60)
  await sleep(180)
  console.log('last')
  await second
  await fourth
}

await run(main)
