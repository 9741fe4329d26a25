/**
 * A bounded semaphore refuses more permits than it began with; a plain one
 * grows; neither may begin below zero.
 */
import { BoundedSemaphore, type Coroutine, run, Semaphore, use } from 'polvo'

function* main(): Coroutine {
  const bounded = new BoundedSemaphore(2)
  yield* use(bounded, function* () {
    yield* use(bounded, () => console.log('all out, locked', bounded.locked()))
  })
  try {
    bounded.release()
  } catch {
    console.log('error: too many')
  }
  console.log('locked', bounded.locked())

  const plain = new Semaphore(1)
  plain.release()
  plain.release()
  let taken = 0
  while (!plain.locked()) {
    yield* plain.acquire()
    taken += 1
  }
  console.log('plain grew to', taken)

  for (const Kind of [Semaphore, BoundedSemaphore]) {
    try {
      new Kind(-1)
    } catch {
      console.log('error: negative')
    }
  }
}

await run(main)
