/**
 * A barrier opens when its last party arrives and can be used again at once;
 * every arrival has a number of its own, in the order of arrival.
 */
import { Barrier, call, gather, run, use } from 'polvo'

async function rower(name: string, boat: Barrier): Promise<void> {
  for (const stroke of [1, 2, 3]) {
    const number = await boat.wait()
    console.log('stroke', stroke, name, number)
  }
}

async function main(): Promise<void> {
  const boat = new Barrier(3)
  console.log('parties', boat.parties, 'waiting', boat.nWaiting)
  await gather(...['bow', 'mid', 'stern'].map((name) => call(rower, name, boat)))
  console.log('waiting', boat.nWaiting)

  const lone = new Barrier(1)
  await use(lone, (number) => console.log('alone', number))
  try {
    new Barrier(0)
  } catch {
    console.log('error')
  }
}

await run(main)
