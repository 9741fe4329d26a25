/**
 * While an eager task takes its first step it is the current task and works
 * in its own copy of the context; afterwards the maker is itself again.
 */
import {
  ContextVar,
  createTask,
  currentTask,
  eagerTaskFactory,
  getRunningLoop,
  run,
  sleep,
  type Task,
} from 'polvo'

const badge = new ContextVar('badge', { default: 'none' })
const staff = new Map<Task, string>()

function who(): string {
  return `${staff.get(currentTask()!)} wearing ${badge.get()}`
}

async function trainee(depth: number): Promise<void> {
  staff.set(currentTask()!, `trainee ${depth}`)
  badge.set(`badge ${depth}`)
  console.log('before:', who())
  if (depth < 3) {
    const child = createTask(trainee, depth + 1)
    console.log('between:', who())
    await child
  }
  await sleep(0)
  console.log('after:', who())
}

async function main(): Promise<void> {
  staff.set(currentTask()!, 'boss')
  getRunningLoop().setTaskFactory(eagerTaskFactory)
  badge.set('gold')
  const task = createTask(trainee, 1)
  console.log('meanwhile:', who())
  await task
  console.log('finally:', who())
}

await run(main)
