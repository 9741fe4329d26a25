/**
 * An awaitable that yields nothing gives up exactly one turn, and takes its place at the end of the line.
 */
import { type Awaitable, awaitable, call, gather, run, sleep } from 'polvo'

class Turn {
  [Symbol.iterator](): Iterator<undefined, void> {
    let hasYielded = false
    return {
      next: () => {
        if (hasYielded) return { done: true, value: undefined }
        hasYielded = true
        return { done: false, value: undefined }
      },
    }
  }
}

class Turns {
  readonly count: number

  constructor(count: number) {
    this.count = count
  }

  [Symbol.iterator](): Iterator<undefined, string> {
    let number = 0
    return {
      next: () => {
        if (number++ < this.count) return { done: false, value: undefined }
        return { done: true, value: `${this.count} turns` }
      },
    }
  }
}

async function polite(name: string, awaitables: Awaitable<unknown>[]): Promise<void> {
  for (const awaitable of awaitables) {
    console.log(name, 'waits')
    const outcome = await awaitable
    if (outcome) console.log(name, 'had', outcome)
  }
  console.log(name, 'leaves')
}

async function main(): Promise<void> {
  await gather(
    call(polite, 'ann', [awaitable(new Turn()), awaitable(new Turn()), awaitable(new Turn())]),
    call(polite, 'ben', [awaitable(new Turns(2)), awaitable(new Turn())]),
    call(polite, 'cis', [awaitable(new Turns(0)), sleep(0), awaitable(new Turns(1))]),
  )
}

await run(main)
