/**
 * Many tasks may await one future: they wake in the order in which they began to wait, and each of them gets
 * the same value or the same error.
 */
import { createTask, type Future, getRunningLoop, run, sleep } from 'polvo'

class Boom extends Error {}

async function listener(name: string, station: Future<string>): Promise<void> {
  try {
    console.log(name, 'heard', await station)
  } catch (error) {
    if (!(error instanceof Boom)) throw error
    console.log(name, 'was told', error.message)
  }
}

async function broadcast(settle: (station: Future<string>) => void): Promise<void> {
  const station = getRunningLoop().createFuture<string>()
  const early = ['ann', 'ben', 'cis'].map((name) => createTask(listener, name, station))
  await sleep(0)
  const late = createTask(listener, 'dan', station)
  settle(station)
  console.log('on the air')
  for (const task of [...early, late]) await task
}

async function main(): Promise<void> {
  await broadcast((station) => station.setResult('music'))
  await broadcast((station) => station.setException(new Boom('static')))
}

await run(main)
