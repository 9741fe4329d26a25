/**
 * A getter cancelled after an item was announced to it, but before it took
 * the item, wakes the next getter: no item is lost, no getter forgotten.
 */
import { CancelledError, type Coroutine, createTask, Queue, run, sleep, wait } from 'polvo'

function* customer(name: string, counter: Queue<string>): Coroutine {
  try {
    console.log(name, 'gets', yield* counter.get())
  } catch (error) {
    if (error instanceof CancelledError) console.log(name, 'walks away')
    throw error
  }
}

function* main(): Coroutine {
  const counter = new Queue<string>()
  const line = ['ann', 'ben', 'cis'].map((name) => createTask(customer, name, counter))
  yield* sleep(0)
  counter.putNowait('tea')
  line[0]?.cancel()
  yield* sleep(0)
  yield* sleep(0)
  console.log('done', ...line.map((task) => task.done()))
  console.log('left', counter.qsize())

  line[2]?.cancel()
  counter.putNowait('cake')
  yield* wait(line)
  console.log('left', counter.qsize(), counter.getNowait())
}

await run(main)
