/**
 * A full queue holds its producer back until a consumer makes room, so that
 * neither runs far ahead of the other.
 */
import { call, gather, Queue, run, sleep } from 'polvo'

async function producer(queue: Queue<number | null>): Promise<void> {
  for (let item = 1; item < 6; item++) {
    await queue.put(item)
    console.log('put', item, 'size', queue.qsize())
  }
  await queue.put(null)
}

async function consumer(queue: Queue<number | null>): Promise<void> {
  for (let item = await queue.get(); item !== null; item = await queue.get()) {
    console.log('got', item, 'size', queue.qsize())
    await sleep(0)
    await sleep(0)
  }
}

async function main(): Promise<void> {
  const queue = new Queue<number | null>(2)
  console.log('maxsize', queue.maxsize)
  await gather(call(producer, queue), call(consumer, queue))
  console.log('left', queue.qsize())
}

await run(main)
