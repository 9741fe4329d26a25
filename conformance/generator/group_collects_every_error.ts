/**
 * Errors thrown by siblings during the cleanup, and by the body itself, join the first one in the same group.
 */
import { CancelledError, type Coroutine, ExceptionGroup, run, sleep, type Task, taskGroup } from 'polvo'

class Boom extends Error {}

function* first(): Coroutine {
  yield* sleep(0)
  throw new Boom('first')
}

function* grumpy(name: string): Coroutine {
  try {
    yield* sleep(1000)
  } catch {
    throw new Boom(`${name} breaks in cleanup`)
  }
}

function* ill(): Coroutine<string | undefined> {
  try {
    yield* sleep(1000)
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    return 'recovered'
  }
  return undefined
}

function* main(): Coroutine {
  let survivor!: Task<string | undefined>
  try {
    yield* taskGroup(function* (crew) {
      crew.createTask(grumpy, 'ned')
      crew.createTask(first)
      crew.createTask(grumpy, 'meg')
      survivor = crew.createTask(ill)
      try {
        yield* sleep(1000)
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
