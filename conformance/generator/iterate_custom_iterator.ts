/**
 * Any object may be gone through: its next value may come at once or after a
 * wait, its end is the end of the loop, and what follows the loop tells them apart.
 */
import { type Coroutine, getRunningLoop, run, sleep } from 'polvo'

class Conveyor {
  readonly #parcels: string[]

  constructor(parcels: string[]) {
    this.#parcels = [...parcels]
  }

  start(): this {
    console.log('belt on')
    return this
  }

  *next(): Coroutine<IteratorResult<string, undefined>> {
    const parcel = this.#parcels.shift()
    if (parcel === undefined) return { done: true, value: undefined }
    if (parcel.startsWith('heavy')) yield* sleep(0)
    return { done: false, value: parcel }
  }
}

function* sort(parcels: string[], unwanted: string): Coroutine {
  const belt = new Conveyor(parcels).start()
  for (let step = yield* belt.next(); !step.done; step = yield* belt.next()) {
    const parcel = step.value
    if (parcel === unwanted) {
      console.log('stop:', parcel)
      return
    }
    console.log(parcel)
  }
  console.log('belt empty')
}

function* main(): Coroutine {
  getRunningLoop().callSoon(console.log, '(the loop had a turn)')
  yield* sort(['letter', 'box', 'heavy chest', 'card'], 'bomb')
  yield* sort(['letter', 'bomb', 'card'], 'bomb')
  yield* sort([], 'bomb')
}

await run(main)
