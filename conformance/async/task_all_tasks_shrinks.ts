/**
 * allTasks holds exactly the tasks of this loop that are not done yet, the current one included.
 */
import { allTasks, createTask, currentTask, run, sleep } from 'polvo'

function names(): string[] {
  return [...allTasks()].map((task) => task.getName()).sort()
}

async function visit(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await sleep(0)
}

async function main(): Promise<void> {
  currentTask()!.setName('host')
  console.log(...names())
  const guests = [3, 1, 2].map((turns) => createTask({ name: `guest-${turns}` }, visit, turns))
  console.log(...names())
  for (let i = 0; i < 4; i++) {
    await sleep(0)
    console.log(...names())
  }
  for (const guest of guests) await guest
}

await run(main)
