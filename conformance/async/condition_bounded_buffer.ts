/**
 * Two conditions over one lock make a bounded buffer: producers wait for
 * room, consumers wait for goods, each behind its own predicate.
 */
import { Condition, call, gather, Lock, run, sleep, use } from 'polvo'

const CAPACITY = 2

async function producer(shelf: number[], lock: Lock, room: Condition, goods: Condition): Promise<void> {
  for (let item = 1; item < 6; item++) {
    await use(lock, async () => {
      await room.waitFor(() => shelf.length < CAPACITY)
      shelf.push(item)
      console.log('put', item)
      goods.notify()
    })
  }
}

async function consumer(shelf: number[], lock: Lock, room: Condition, goods: Condition): Promise<void> {
  let taken = 0
  while (taken < 5) {
    await use(lock, async () => {
      await goods.waitFor(() => shelf.length > 0)
      taken = shelf.shift()!
      console.log('took', taken)
      room.notify()
    })
    await sleep(0)
  }
}

async function main(): Promise<void> {
  const shelf: number[] = []
  const lock = new Lock()
  const shared = [shelf, lock, new Condition(lock), new Condition(lock)] as const
  await gather(call(producer, ...shared), call(consumer, ...shared))
  console.log('shelf holds', shelf.length)
}

await run(main)
