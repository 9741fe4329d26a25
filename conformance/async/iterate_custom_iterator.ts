/**
 * Any object may serve for await: its next value may come at once or after a
 * wait, its end is the end of the loop, and what follows the loop tells them apart.
 */
import { getRunningLoop, run, sleep } from 'polvo'

class Conveyor {
  readonly #parcels: string[]

  constructor(parcels: string[]) {
    this.#parcels = [...parcels]
  }

  [Symbol.asyncIterator](): this {
    console.log('belt on')
    return this
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    const parcel = this.#parcels.shift()
    if (parcel === undefined) return { done: true, value: undefined }
    if (parcel.startsWith('heavy')) await sleep(0)
    return { done: false, value: parcel }
  }
}

async function sort(parcels: string[], unwanted: string): Promise<void> {
  for await (const parcel of new Conveyor(parcels)) {
    if (parcel === unwanted) {
      console.log('stop:', parcel)
      return
    }
    console.log(parcel)
  }
  console.log('belt empty')
}

async function main(): Promise<void> {
  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  await sort(['letter', 'box', 'heavy chest', 'card'], 'bomb')
  await sort(['letter', 'bomb', 'card'], 'bomb')
  await sort([], 'bomb')
}

await run(main)
