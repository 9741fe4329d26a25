/**
 * While somebody is still in line the semaphore counts as locked, even in
 * the moment after a release: a newcomer cannot overtake.
 */
import { type Coroutine, createTask, run, Semaphore, sleep } from 'polvo'

function* enter(gate: Semaphore, name: string): Coroutine {
  yield* gate.acquire()
  console.log(name, 'in, locked', gate.locked())
}

function* main(): Coroutine {
  const gate = new Semaphore(1)
  yield* enter(gate, 'main')
  const waiting = createTask(enter, gate, 'early')
  yield* sleep(0)
  gate.release()
  gate.release()
  console.log('two permits free, locked', gate.locked())
  yield* enter(gate, 'newcomer')
  yield* waiting
  gate.release()
  console.log('nobody waits, locked', gate.locked())
}

await run(main)
