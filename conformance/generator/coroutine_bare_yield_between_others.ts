/**
 * An awaitable that yields nothing gives up exactly one turn, and takes its place at the end of the line.
 */
import { type Coroutine, type CustomAwaitable, gather, run, sleep } from 'polvo'

class Turn {
  *[Symbol.iterator](): Coroutine {
    yield
  }
}

class Turns {
  readonly count: number

  constructor(count: number) {
    this.count = count
  }

  *[Symbol.iterator](): Coroutine<string> {
    for (let number = 0; number < this.count; number++) yield
    return `${this.count} turns`
  }
}

function* polite(name: string, awaitables: CustomAwaitable<unknown>[]): Coroutine {
  for (const awaitable of awaitables) {
    console.log(name, 'waits')
    const outcome = yield* awaitable
    if (outcome) console.log(name, 'had', outcome)
  }
  console.log(name, 'leaves')
}

function* main(): Coroutine {
  yield* gather(
    polite('ann', [new Turn(), new Turn(), new Turn()]),
    polite('ben', [new Turns(2), new Turn()]),
    polite('cis', [new Turns(0), sleep(0), new Turns(1)]),
  )
}

await run(main)
