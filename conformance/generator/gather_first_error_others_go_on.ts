/**
 * The first error leaves gather at once, while the other members run on undisturbed; later errors among them
 * are silently dropped.
 */
import { type Coroutine, createTask, gather, run, sleep, wait } from 'polvo'

class Boom extends Error {}

function* climber(name: string, delay: number, falls: boolean): Coroutine<string> {
  yield* sleep(delay)
  if (falls) throw new Boom(`${name} falls`)
  console.log(name, 'reaches the top')
  return name
}

function* main(): Coroutine {
  const team = [
    createTask(climber, 'ada', 60, false),
    createTask(climber, 'bob', 30, true),
    createTask(climber, 'cyd', 90, true),
    createTask(climber, 'dee', 120, false),
  ]
  try {
    yield* gather(...team)
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log('base camp hears:', error.message)
  }
  console.log('still climbing', team.filter((task) => !task.done()).length)
  yield* wait(team)
  console.log('all accounted for')
}

await run(main)
