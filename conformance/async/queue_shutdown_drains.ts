/**
 * After shutdown nothing more goes in, waiting putters included; what is
 * inside can still be taken, then takers are told QueueShutDown.
 */
import { createTask, gather, Queue, QueueShutDown, run, sleep } from 'polvo'

async function put(queue: Queue<string>, item: string): Promise<void> {
  try {
    await queue.put(item)
    console.log('put', item)
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('QueueShutDown for', item)
  }
}

async function consumer(queue: Queue<string>): Promise<void> {
  try {
    while (true) {
      console.log('got', await queue.get())
      queue.taskDone()
      await sleep(0)
    }
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('QueueShutDown for the consumer')
  }
}

async function main(): Promise<void> {
  const queue = new Queue<string>(2)
  await put(queue, 'one')
  await put(queue, 'two')
  const late = ['three', 'four'].map((item) => createTask(put, queue, item))
  await sleep(0)
  queue.shutdown()
  console.log('shut, size', queue.qsize())
  await gather(...late)
  await put(queue, 'five')
  try {
    queue.putNowait('six')
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('QueueShutDown for six')
  }
  await consumer(queue)
  await queue.join()
  console.log('joined')
}

await run(main)
