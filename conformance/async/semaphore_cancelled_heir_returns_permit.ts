/**
 * A waiter cancelled after it was given a permit gives it back, and the next
 * in line gets it; no permit is lost.
 */
import { createTask, run, Semaphore, sleep, use, wait } from 'polvo'

async function user(permits: Semaphore, name: string): Promise<string> {
  await use(permits, async () => {
    console.log(name, 'enters')
    await sleep(0)
  })
  return name
}

async function main(): Promise<void> {
  const permits = new Semaphore(0)
  const line = ['ann', 'ben', 'cis', 'dan'].map((name) => createTask(user, permits, name))
  await sleep(0)
  permits.release()
  permits.release()
  line[0]?.cancel()
  line[2]?.cancel()
  await wait(line)
  console.log('cancelled', ...line.map((task) => task.cancelled()))
  for (let left = 0; left < 2; left++) console.log('permit left', await permits.acquire())
  console.log('locked', permits.locked())
}

await run(main)
