/**
 * After shutdown nothing more goes in, waiting putters included; what is
 * inside can still be taken, then takers are told QueueShutDown.
 */
import { type Coroutine, createTask, gather, Queue, QueueShutDown, run, sleep } from 'polvo'

function* put(queue: Queue<string>, item: string): Coroutine {
  try {
    yield* queue.put(item)
    console.log('put', item)
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('QueueShutDown for', item)
  }
}

function* consumer(queue: Queue<string>): Coroutine {
  try {
    while (true) {
      console.log('got', yield* queue.get())
      queue.taskDone()
      yield* sleep(0)
    }
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('QueueShutDown for the consumer')
  }
}

function* main(): Coroutine {
  const queue = new Queue<string>(2)
  yield* put(queue, 'one')
  yield* put(queue, 'two')
  const late = ['three', 'four'].map((item) => createTask(put, queue, item))
  yield* sleep(0)
  queue.shutdown()
  console.log('shut, size', queue.qsize())
  yield* gather(...late)
  yield* put(queue, 'five')
  try {
    queue.putNowait('six')
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error
    console.log('QueueShutDown for six')
  }
  yield* consumer(queue)
  yield* queue.join()
  console.log('joined')
}

await run(main)
