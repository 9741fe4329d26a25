/**
 * An immediate shutdown throws away what is inside and counts it as done, so
 * that join() ends; everybody who waits is told QueueShutDown.
 */
import { createTask, gather, Queue, QueueShutDown, run, sleep } from 'polvo'

async function taker(name: string, queue: Queue<string>): Promise<void> {
  try {
    console.log(name, 'got', await queue.get())
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log(name, 'QueueShutDown')
  }
}

async function joiner(queue: Queue<string>): Promise<void> {
  await queue.join()
  console.log('joined')
}

async function main(): Promise<void> {
  const idle = new Queue<string>()
  const takers = ['ann', 'ben'].map((name) => createTask(taker, name, idle))
  await sleep(0)
  idle.shutdown({ immediate: true })
  await gather(...takers)

  const stocked = new Queue<string>()
  for (const item of ['apple', 'pear', 'plum']) stocked.putNowait(item)
  console.log('in hand', await stocked.get())
  const joining = createTask(joiner, stocked)
  await sleep(0)
  stocked.shutdown({ immediate: true })
  console.log('size', stocked.qsize())
  await taker('cis', stocked)
  await sleep(0)
  console.log('one item is still in hand')
  stocked.taskDone()
  await joining
}

await run(main)
