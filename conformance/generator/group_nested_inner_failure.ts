/**
 * An inner group's failure can be handled within the outer body; the outer group and its child never notice.
 */
import { type Coroutine, currentTask, ExceptionGroup, run, sleep, type Task, taskGroup } from 'polvo'

class Boom extends Error {}

function* steady(name: string, turns: number): Coroutine<string> {
  for (let i = 0; i < turns; i++) yield* sleep(0)
  console.log(name, 'done')
  return name
}

function* fail(message: string): Coroutine {
  yield* sleep(0)
  throw new Boom(message)
}

function* main(): Coroutine {
  const me = currentTask()!
  let elder!: Task<string>
  yield* taskGroup(function* (outer) {
    elder = outer.createTask(steady, 'elder', 12)
    try {
      yield* taskGroup(function* (inner) {
        inner.createTask(fail, 'inner fault')
        inner.createTask(steady, 'never', 99)
      })
    } catch (group) {
      if (!(group instanceof ExceptionGroup)) throw group
      console.log('ExceptionGroup', ...group.errors.map((error) => (error as Error).message))
    }
    console.log('requests', me.cancelling())
    outer.createTask(steady, 'younger', 1)
    yield* sleep(0)
    console.log('outer body ends')
  })
  console.log('outer group ends with', elder.result())
}

await run(main)
