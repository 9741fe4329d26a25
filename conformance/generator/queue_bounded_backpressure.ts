/**
 * A full queue holds its producer back until a consumer makes room, so that
 * neither runs far ahead of the other.
 */
import { type Coroutine, gather, Queue, run, sleep } from 'polvo'

function* producer(queue: Queue<number | null>): Coroutine {
  for (let item = 1; item < 6; item++) {
    yield* queue.put(item)
    console.log('put', item, 'size', queue.qsize())
  }
  yield* queue.put(null)
}

function* consumer(queue: Queue<number | null>): Coroutine {
  for (let item = yield* queue.get(); item !== null; item = yield* queue.get()) {
    console.log('got', item, 'size', queue.qsize())
    yield* sleep(0)
    yield* sleep(0)
  }
}

function* main(): Coroutine {
  const queue = new Queue<number | null>(2)
  console.log('maxsize', queue.maxsize)
  yield* gather(producer(queue), consumer(queue))
  console.log('left', queue.qsize())
}

await run(main)
