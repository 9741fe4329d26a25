/**
 * Many tasks may await one future: they wake in the order in which they began to wait, and each of them gets
 * the same value or the same error.
 */
import { type Coroutine, createTask, type Future, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

function* listener(name: string, station: Future<string>): Coroutine {
  try {
    console.log(name, 'heard', yield* station)
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(name, 'was told', error.message)
  }
}

function* broadcast(settle: (station: Future<string>) => void): Coroutine {
  const station = getRunningLoop().createFuture<string>()
  const early = ['ann', 'ben', 'cis'].map((name) => createTask(listener, name, station))
  yield* sleep(0)
  const late = createTask(listener, 'dan', station)
  settle(station)
  console.log('on the air')
  for (const task of [...early, late]) yield* task
}

function* main(): Coroutine {
  yield* broadcast((station) => station.setResult('music'))
  yield* broadcast((station) => station.setException(new Boom('static')))
}

await run(main)
