/**
 * An immediate shutdown throws away what is inside and counts it as done, so
 * that join() ends; everybody who waits is told QueueShutDown.
 */
import { type Coroutine, createTask, gather, Queue, QueueShutDown, run, sleep } from 'polvo'

function* taker(name: string, queue: Queue<string>): Coroutine {
  try {
    console.log(name, 'got', yield* queue.get())
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log(name, 'QueueShutDown')
  }
}

function* joiner(queue: Queue<string>): Coroutine {
  yield* queue.join()
  console.log('joined')
}

function* main(): Coroutine {
  const idle = new Queue<string>()
  const takers = ['ann', 'ben'].map((name) => createTask(taker, name, idle))
  yield* sleep(0)
  idle.shutdown({ immediate: true })
  yield* gather(...takers)

  const stocked = new Queue<string>()
  for (const item of ['apple', 'pear', 'plum']) stocked.putNowait(item)
  console.log('in hand', yield* stocked.get())
  const joining = createTask(joiner, stocked)
  yield* sleep(0)
  stocked.shutdown({ immediate: true })
  console.log('size', stocked.qsize())
  yield* taker('cis', stocked)
  yield* sleep(0)
  console.log('one item is still in hand')
  stocked.taskDone()
  yield* joining
}

await run(main)
