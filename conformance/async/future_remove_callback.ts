/**
 * removeDoneCallback takes away every registration of a callback and returns how many there were.
 */
import { type Future, getRunningLoop, run, sleep } from 'polvo'

async function main(): Promise<void> {
  const loop = getRunningLoop()
  const parcel = loop.createFuture<string>()

  function neighbour(future: Future<string>): void {
    console.log('neighbour sees', future.result())
  }

  function dog(future: Future<string>): void {
    console.log('dog barks at', future.result())
  }

  parcel.addDoneCallback(dog)
  parcel.addDoneCallback(neighbour)
  parcel.addDoneCallback(dog)
  parcel.addDoneCallback(dog)
  console.log('removed', parcel.removeDoneCallback(dog))
  console.log('removed', parcel.removeDoneCallback(dog))
  parcel.addDoneCallback(neighbour)
  parcel.setResult('a box')
  await sleep(0)
  console.log('removed', parcel.removeDoneCallback(neighbour))
}

await run(main)
