/**
 * Errors thrown by siblings during the cleanup, and by the body itself, join the first one in the same group.
 */
import { CancelledError, ExceptionGroup, run, sleep, type Task, taskGroup } from 'polvo'

class Boom extends Error {}

async function first(): Promise<void> {
  await sleep(0)
  throw new Boom('first')
}

async function grumpy(name: string): Promise<void> {
  try {
    await sleep(1000)
  } catch {
    throw new Boom(`${name} breaks in cleanup`)
  }
}

async function ill(): Promise<string | undefined> {
  try {
    await sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    return 'recovered'
  }
  return undefined
}

async function main(): Promise<void> {
  let survivor!: Task<string | undefined>
  try {
    await taskGroup(async (crew) => {
      crew.createTask(grumpy, 'ned')
      crew.createTask(first)
      crew.createTask(grumpy, 'meg')
      survivor = crew.createTask(ill)
      try {
        await sleep(1000)
      } catch {
        throw new Boom('body breaks too')
      }
    })
  } catch (group) {
    if (!(group instanceof ExceptionGroup)) throw group
    console.log('ExceptionGroup')
    for (const message of group.errors.map((error) => (error as Error).message).sort())
      console.log(' ', message)
  }
  console.log('survivor', survivor.result())
}

await run(main)
