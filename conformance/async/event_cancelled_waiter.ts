/**
 * A waiter that gives up, by cancellation or by timeout, leaves the line; the
 * others are woken as if it had never been there.
 */
import { CancelledError, createTask, Event, run, sleep, TimeoutError, wait, waitFor } from 'polvo'

async function guest(name: string, bell: Event, patience: number | null = null): Promise<void> {
  try {
    await waitFor(bell.wait(), patience)
    console.log(name, 'goes to dinner')
  } catch (error) {
    if (error instanceof TimeoutError) {
      console.log(name, 'is tired of waiting')
      return
    }
    if (error instanceof CancelledError) console.log(name, 'is called away')
    throw error
  }
}

async function main(): Promise<void> {
  const bell = new Event()
  const ann = createTask(guest, 'ann', bell)
  const ben = createTask(guest, 'ben', bell, 30)
  const cis = createTask(guest, 'cis', bell)
  const dan = createTask(guest, 'dan', bell, 5000)
  await sleep(0)
  cis.cancel()
  await wait([ben, cis])
  bell.set()
  await wait([ann, dan])
}

await run(main)
