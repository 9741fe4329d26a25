/**
 * A waiter cancelled after it was given a permit gives it back, and the next
 * in line gets it; no permit is lost.
 */
import { type Coroutine, createTask, run, Semaphore, sleep, use, wait } from 'polvo'

function* user(permits: Semaphore, name: string): Coroutine<string> {
  yield* use(permits, function* () {
    console.log(name, 'enters')
    yield* sleep(0)
  })
  return name
}

function* main(): Coroutine {
  const permits = new Semaphore(0)
  const line = ['ann', 'ben', 'cis', 'dan'].map((name) => createTask(user, permits, name))
  yield* sleep(0)
  permits.release()
  permits.release()
  line[0]?.cancel()
  line[2]?.cancel()
  yield* wait(line)
  console.log('cancelled', ...line.map((task) => task.cancelled()))
  for (let left = 0; left < 2; left++) console.log('permit left', yield* permits.acquire())
  console.log('locked', permits.locked())
}

await run(main)
