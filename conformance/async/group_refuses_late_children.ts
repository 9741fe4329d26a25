/**
 * A group takes children only while it is open: not before it was entered, not when it is shutting down, not
 * afterwards; refused coroutines are closed.
 */
import { call, ExceptionGroup, run, sleep, TaskGroup, taskGroup } from 'polvo'

class Boom extends Error {}

async function child(): Promise<void> {
  console.log('never printed')
}

async function attempt(label: string, group: TaskGroup): Promise<void> {
  const coroutine = call(child)
  try {
    group.createTask(coroutine)
  } catch {
    console.log('error:', label)
  }
  try {
    await coroutine
  } catch {
    console.log('closed:', label)
  }
}

async function fail(): Promise<void> {
  throw new Boom('fire')
}

async function main(): Promise<void> {
  await attempt('not entered', new TaskGroup({}))
  let group!: TaskGroup
  try {
    await taskGroup(async (entered) => {
      group = entered
      group.createTask(fail)
      try {
        await sleep(1000)
      } finally {
        await attempt('shutting down', group)
      }
    })
  } catch (errors) {
    if (!(errors instanceof ExceptionGroup)) throw errors
    console.log('ExceptionGroup', ...errors.errors.map((error) => (error as Error).message))
  }
  await attempt('after failure', group)

  const block = taskGroup(async (entered) => {
    group = entered
  })
  await block
  await attempt('after success', group)
  try {
    await block
    console.log('never printed')
  } catch {
    console.log('error: entered twice')
  }
}

await run(main)
