/**
 * Ten thousand tasks may live at once; each contributes its share after a few turns of its own.
 */
import { createTask, run, sleep } from 'polvo'

async function share(number: number): Promise<number> {
  for (let i = 0; i < number % 4; i++) await sleep(0)
  return number
}

async function main(): Promise<void> {
  const tasks = Array.from({ length: 10_000 }, (_, number) => createTask(share, number))
  let total = 0
  for (const task of tasks) total += await task
  console.log('tasks', tasks.length)
  console.log('sum', total)
  console.log('finished', tasks.filter((task) => task.done()).length)
}

await run(main)
