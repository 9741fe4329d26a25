/**
 * Tasks and plain callbacks stand in the same first-in first-out line: creating a task queues its first step
 * just as callSoon queues a callback.
 */
import { createTask, getRunningLoop, run, sleep } from 'polvo'

async function courier(name: string): Promise<string> {
  console.log(name, 'sets out')
  await sleep(0)
  console.log(name, 'returns')
  return name
}

async function main(): Promise<void> {
  const loop = getRunningLoop()
  loop.callSoon(console.log, 'bell one')
  const first = createTask(courier, 'anna')
  loop.callSoon(console.log, 'bell two')
  const second = createTask(courier, 'bert')
  loop.callSoon(console.log, 'bell three')
  console.log('office opens')
  await sleep(0)
  console.log('office looks up')
  console.log(await second, await first)
}

await run(main)
