/**
 * allTasks holds exactly the tasks of this loop that are not done yet, the current one included.
 */
import { allTasks, type Coroutine, createTask, currentTask, run, sleep } from 'polvo'

function names(): string[] {
  return [...allTasks()].map((task) => task.getName()).sort()
}

function* visit(turns: number): Coroutine {
  for (let i = 0; i < turns; i++) yield* sleep(0)
}

function* main(): Coroutine {
  currentTask()!.setName('host')
  console.log(...names())
  const guests = [3, 1, 2].map((turns) => createTask({ name: `guest-${turns}` }, visit, turns))
  console.log(...names())
  for (let i = 0; i < 4; i++) {
    yield* sleep(0)
    console.log(...names())
  }
  for (const guest of guests) yield* guest
}

await run(main)
