/**
 * A task's done callbacks receive the task, in the order they were added; whoever awaits it stands in the
 * same line.
 */
import { createTask, run, sleep, type Task } from 'polvo'

async function bake(): Promise<string> {
  await sleep(0)
  return 'bread'
}

async function customer(oven: Task<string>): Promise<void> {
  console.log('customer takes', await oven)
}

async function main(): Promise<void> {
  const oven = createTask({ name: 'oven' }, bake)
  oven.addDoneCallback((task) => console.log('baker opens the', task.getName()))
  const buying = createTask(customer, oven)
  await sleep(0)
  oven.addDoneCallback((task) => console.log('cat smells', task.result()))
  console.log('shop waits')
  await oven
  console.log('shop serves')
  await buying
}

await run(main)
