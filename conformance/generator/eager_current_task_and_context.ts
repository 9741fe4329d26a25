/**
 * While an eager task takes its first step it is the current task and works
 * in its own copy of the context; afterwards the maker is itself again.
 */
import {
  ContextVar,
  type Coroutine,
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

function* trainee(depth: number): Coroutine {
  staff.set(currentTask()!, `trainee ${depth}`)
  badge.set(`badge ${depth}`)
  console.log('before:', who())
  if (depth < 3) {
    const child = createTask(trainee, depth + 1)
    console.log('between:', who())
    yield* child
  }
  yield* sleep(0)
  console.log('after:', who())
}

function* main(): Coroutine {
  staff.set(currentTask()!, 'boss')
  getRunningLoop().setTaskFactory(eagerTaskFactory)
  badge.set('gold')
  const task = createTask(trainee, 1)
  console.log('meanwhile:', who())
  yield* task
  console.log('finally:', who())
}

await run(main)
