/**
 * A timer of zero or negative delay is due in the next pass, behind the callbacks that were ready before it
 * was looked at.
 */
import { createTask, getRunningLoop, run, sleep } from 'polvo'

async function walker(): Promise<void> {
  console.log('walker')
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  loop.callLater(0, console.log, 'timer of zero')
  loop.callSoon(console.log, 'callback')
  const walk = createTask(walker)
  await sleep(0)
  console.log('main after one pass')
  loop.callLater(-1, console.log, 'timer of the past')
  loop.callSoon(console.log, 'late callback')
  await sleep(0)
  console.log('main after two passes')
  await sleep(-5)
  console.log('main after three passes')
  await walk
}

await run(main)
