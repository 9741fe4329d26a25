/**
 * Ten thousand tasks may live at once; each contributes its share after a few turns of its own.
 */
import { type Coroutine, createTask, run, sleep } from 'polvo'

function* share(number: number): Coroutine<number> {
  for (let i = 0; i < number % 4; i++) yield* sleep(0)
  return number
}

function* main(): Coroutine {
  const tasks = Array.from({ length: 10_000 }, (_, number) => createTask(share, number))
  let total = 0
  for (const task of tasks) total += yield* task
  console.log('tasks', tasks.length)
  console.log('sum', total)
  console.log('finished', tasks.filter((task) => task.done()).length)
}

await run(main)
