/**
 * A barrier opens when its last party arrives and can be used again at once;
 * every arrival has a number of its own, in the order of arrival.
 */
import { Barrier, type Coroutine, gather, run, use } from 'polvo'

function* rower(name: string, boat: Barrier): Coroutine {
  for (const stroke of [1, 2, 3]) {
    const number = yield* boat.wait()
    console.log('stroke', stroke, name, number)
  }
}

function* main(): Coroutine {
  const boat = new Barrier(3)
  console.log('parties', boat.parties, 'waiting', boat.nWaiting)
  yield* gather(...['bow', 'mid', 'stern'].map((name) => rower(name, boat)))
  console.log('waiting', boat.nWaiting)

  const lone = new Barrier(1)
  yield* use(lone, (number) => console.log('alone', number))
  try {
    new Barrier(0)
  } catch {
    console.log('error')
  }
}

await run(main)
