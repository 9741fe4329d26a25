/**
 * Two conditions over one lock make a bounded buffer: producers wait for
 * room, consumers wait for goods, each behind its own predicate.
 */
import { Condition, type Coroutine, gather, Lock, run, sleep, use } from 'polvo'

const CAPACITY = 2

function* producer(shelf: number[], lock: Lock, room: Condition, goods: Condition): Coroutine {
  for (let item = 1; item < 6; item++) {
    yield* use(lock, function* () {
      yield* room.waitFor(() => shelf.length < CAPACITY)
      shelf.push(item)
      console.log('put', item)
      goods.notify()
    })
  }
}

function* consumer(shelf: number[], lock: Lock, room: Condition, goods: Condition): Coroutine {
  let taken = 0
  while (taken < 5) {
    yield* use(lock, function* () {
      yield* goods.waitFor(() => shelf.length > 0)
      taken = shelf.shift()!
      console.log('took', taken)
      room.notify()
    })
    yield* sleep(0)
  }
}

function* main(): Coroutine {
  const shelf: number[] = []
  const lock = new Lock()
  const shared = [shelf, lock, new Condition(lock), new Condition(lock)] as const
  yield* gather(producer(...shared), consumer(...shared))
  console.log('shelf holds', shelf.length)
}

await run(main)
