/**
 * set() wakes every waiter in the order of waiting, even when the event is
 * cleared again at once; those who come after the clear wait for the next.
 */
import { createTask, Event, run, sleep } from 'polvo'

async function runner(name: string, gun: Event): Promise<void> {
  const outcome = await gun.wait()
  console.log(name, 'runs', outcome, 'gun set', gun.isSet())
}

async function main(): Promise<void> {
  const gun = new Event()
  const field = ['ann', 'ben', 'cis'].map((name) => createTask(runner, name, gun))
  await sleep(0)
  gun.set()
  gun.set()
  gun.clear()
  const late = createTask(runner, 'late', gun)
  for (const task of field) await task
  console.log('late done', late.done())
  gun.set()
  await late
}

await run(main)
