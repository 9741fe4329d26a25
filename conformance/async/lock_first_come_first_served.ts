/**
 * A lock is handed over strictly in the order of asking: whoever comes
 * between the release and the next owner's turn stands at the end.
 */
import { createTask, Lock, run, sleep, use } from 'polvo'

async function visit(lock: Lock, name: string): Promise<void> {
  console.log(name, 'asks, locked', lock.locked())
  await use(lock, async () => {
    console.log(name, 'has it')
    await sleep(0)
  })
}

async function main(): Promise<void> {
  const lock = new Lock()
  await lock.acquire()
  const queue = ['ann', 'ben', 'cis'].map((name) => createTask(visit, lock, name))
  await sleep(0)
  lock.release()
  console.log('main lets go, locked', lock.locked())
  await visit(lock, 'main')
  for (const visitor of queue) await visitor
  console.log('at the end, locked', lock.locked())
}

await run(main)
