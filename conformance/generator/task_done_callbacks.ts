/**
 * A task's done callbacks receive the task, in the order they were added; whoever awaits it stands in the
 * same line.
 */
import { type Coroutine, createTask, run, sleep, type Task } from 'polvo'

function* bake(): Coroutine<string> {
  yield* sleep(0)
  return 'bread'
}

function* customer(oven: Task<string>): Coroutine {
  console.log('customer takes', yield* oven)
}

function* main(): Coroutine {
  const oven = createTask({ name: 'oven' }, bake)
  oven.addDoneCallback((task) => console.log('baker opens the', task.getName()))
  const buying = createTask(customer, oven)
  yield* sleep(0)
  oven.addDoneCallback((task) => console.log('cat smells', task.result()))
  console.log('shop waits')
  yield* oven
  console.log('shop serves')
  yield* buying
}

await run(main)
