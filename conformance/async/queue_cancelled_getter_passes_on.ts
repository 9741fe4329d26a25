/**
 * A getter cancelled after an item was announced to it, but before it took
 * the item, wakes the next getter: no item is lost, no getter forgotten.
 */
import { CancelledError, createTask, Queue, run, sleep, wait } from 'polvo'

async function customer(name: string, counter: Queue<string>): Promise<void> {
  try {
    console.log(name, 'gets', await counter.get())
  } catch (error) {
    if (error instanceof CancelledError) console.log(name, 'walks away')
    throw error
  }
}

async function main(): Promise<void> {
  const counter = new Queue<string>()
  const line = ['ann', 'ben', 'cis'].map((name) => createTask(customer, name, counter))
  await sleep(0)
  counter.putNowait('tea')
  line[0]?.cancel()
  await sleep(0)
  await sleep(0)
  console.log('done', ...line.map((task) => task.done()))
  console.log('left', counter.qsize())

  line[2]?.cancel()
  counter.putNowait('cake')
  await wait(line)
  console.log('left', counter.qsize(), counter.getNowait())
}

await run(main)
