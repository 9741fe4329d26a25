/**
 * A group takes children only while it is open: not before it was entered, not when it is shutting down, not
 * afterwards; refused coroutines are closed.
 */
import { type Coroutine, ExceptionGroup, run, sleep, TaskGroup, taskGroup } from 'polvo'

class Boom extends Error {}

function* child(): Coroutine {
  console.log('never printed')
}

function attempt(label: string, group: TaskGroup): void {
  const coroutine = child()
  try {
    group.createTask(coroutine)
  } catch {
    console.log('error:', label)
  }
  // Python raises RuntimeError; a generator that is over says so.
  if (coroutine.next().done) console.log('closed:', label)
}

function* fail(): Coroutine {
  throw new Boom('fire')
}

function* main(): Coroutine {
  attempt('not entered', new TaskGroup({}))
  let group!: TaskGroup
  try {
    yield* taskGroup(function* (entered) {
      group = entered
      group.createTask(fail)
      try {
        yield* sleep(1000)
      } finally {
        attempt('shutting down', group)
      }
    })
  } catch (errors) {
    if (!(errors instanceof ExceptionGroup)) throw errors
    console.log('ExceptionGroup', ...errors.errors.map((error) => (error as Error).message))
  }
  attempt('after failure', group)

  const block = taskGroup(function* (entered) {
    group = entered
  })
  yield* block
  attempt('after success', group)
  try {
    yield* block
    console.log('never printed')
  } catch {
    console.log('error: entered twice')
  }
}

await run(main)
