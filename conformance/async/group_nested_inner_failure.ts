/**
 * An inner group's failure can be handled within the outer body; the outer group and its child never notice.
 */
import { currentTask, ExceptionGroup, run, sleep, type Task, taskGroup } from 'polvo'

class Boom extends Error {}

async function steady(name: string, turns: number): Promise<string> {
  for (let i = 0; i < turns; i++) await sleep(0)
  console.log(name, 'done')
  return name
}

async function fail(message: string): Promise<void> {
  await sleep(0)
  throw new Boom(message)
}

async function main(): Promise<void> {
  const me = currentTask()!
  let elder!: Task<string>
  await taskGroup(async (outer) => {
    elder = outer.createTask(steady, 'elder', 12)
    try {
      await taskGroup(async (inner) => {
        inner.createTask(fail, 'inner fault')
        inner.createTask(steady, 'never', 99)
      })
    } catch (group) {
      if (!(group instanceof ExceptionGroup)) throw group
      console.log('ExceptionGroup', ...group.errors.map((error) => (error as Error).message))
    }
    console.log('requests', me.cancelling())
    outer.createTask(steady, 'younger', 1)
    await sleep(0)
    console.log('outer body ends')
  })
  console.log('outer group ends with', elder.result())
}

await run(main)
