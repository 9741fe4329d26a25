/**
 * An error in the body cancels the children; those that had not started never run; even a lone error comes
 * out in a group.
 */
import { ExceptionGroup, run, sleep, type Task, taskGroup } from 'polvo'

class Boom extends Error {}

async function child(name: string): Promise<void> {
  console.log(name, 'starts')
  try {
    await sleep(1000)
  } finally {
    console.log(name, 'ends')
  }
}

async function main(): Promise<void> {
  let elder!: Task<void>
  let younger!: Task<void>
  try {
    await taskGroup(async (family) => {
      elder = family.createTask(child, 'elder')
      await sleep(0)
      younger = family.createTask(child, 'younger')
      throw new Boom('dinner is burnt')
    })
  } catch (group) {
    if (!(group instanceof ExceptionGroup)) throw group
    console.log('ExceptionGroup', ...group.errors.map((error) => (error as Error).message))
  }
  console.log('elder cancelled', elder.cancelled())
  console.log('younger cancelled', younger.cancelled())
}

await run(main)
