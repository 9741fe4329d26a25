/**
 * While somebody is still in line the semaphore counts as locked, even in
 * the moment after a release: a newcomer cannot overtake.
 */
import { createTask, run, Semaphore, sleep } from 'polvo'

async function enter(gate: Semaphore, name: string): Promise<void> {
  await gate.acquire()
  console.log(name, 'in, locked', gate.locked())
}

async function main(): Promise<void> {
  const gate = new Semaphore(1)
  await enter(gate, 'main')
  const waiting = createTask(enter, gate, 'early')
  await sleep(0)
  gate.release()
  gate.release()
  console.log('two permits free, locked', gate.locked())
  await enter(gate, 'newcomer')
  await waiting
  gate.release()
  console.log('nobody waits, locked', gate.locked())
}

await run(main)
