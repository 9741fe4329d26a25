/**
 * set() wakes every waiter in the order of waiting, even when the event is
 * cleared again at once; those who come after the clear wait for the next.
 */
import { type Coroutine, createTask, Event, run, sleep } from 'polvo'

function* runner(name: string, gun: Event): Coroutine {
  const outcome = yield* gun.wait()
  console.log(name, 'runs', outcome, 'gun set', gun.isSet())
}

function* main(): Coroutine {
  const gun = new Event()
  const field = ['ann', 'ben', 'cis'].map((name) => createTask(runner, name, gun))
  yield* sleep(0)
  gun.set()
  gun.set()
  gun.clear()
  const late = createTask(runner, 'late', gun)
  for (const task of field) yield* task
  console.log('late done', late.done())
  gun.set()
  yield* late
}

await run(main)
