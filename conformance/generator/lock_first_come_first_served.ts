/**
 * A lock is handed over strictly in the order of asking: whoever comes
 * between the release and the next owner's turn stands at the end.
 */
import { type Coroutine, createTask, Lock, run, sleep, use } from 'polvo'

function* visit(lock: Lock, name: string): Coroutine {
  console.log(name, 'asks, locked', lock.locked())
  yield* use(lock, function* () {
    console.log(name, 'has it')
    yield* sleep(0)
  })
}

function* main(): Coroutine {
  const lock = new Lock()
  yield* lock.acquire()
  const queue = ['ann', 'ben', 'cis'].map((name) => createTask(visit, lock, name))
  yield* sleep(0)
  lock.release()
  console.log('main lets go, locked', lock.locked())
  yield* visit(lock, 'main')
  for (const visitor of queue) yield* visitor
  console.log('at the end, locked', lock.locked())
}

await run(main)
