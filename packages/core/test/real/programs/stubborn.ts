/**
 * Programs for main-grace.test.ts: `node stubborn.ts NAME SPELLING GRACE`. Each says READY once it runs. The grace period is short,
 * so that the tests are; what follows the reminder is main's own 3 seconds.
 */
import { cancelScope, cleanup, createTask, sleep, use } from 'polvo'
import { main } from 'polvo/node'

const [name = '', spelling = '', grace = ''] = process.argv.slice(2)
const options = { cancelGrace: Number(grace) }

const generators: Record<string, () => unknown> = {
  *swallows() {
    console.log('READY')
    for (;;) {
      try {
        yield* sleep(60_000)
      } catch {
        console.log('swallowed')
      }
    }
  },
  *swallowsTwice() {
    console.log('READY')
    for (let i = 0; i < 2; i++) {
      try {
        yield* sleep(60_000)
      } catch {
        console.log('swallowed')
      }
    }
    console.log('gave in')
  },
  *cleansUp() {
    try {
      console.log('READY')
      yield* sleep(60_000)
    } finally {
      yield* sleep(50)
      console.log('cleaned up')
    }
  },
  *cleansUpForEver() {
    try {
      console.log('READY')
      yield* sleep(60_000)
    } finally {
      try {
        yield* sleep(Number.POSITIVE_INFINITY)
      } finally {
        console.log('interrupted')
      }
    }
  },
  *asksForTime() {
    try {
      console.log('READY')
      yield* sleep(60_000)
    } finally {
      yield* cleanup(10_000, () => sleep(1000))
      console.log('uploaded')
    }
  },
  *failsInCleanUp() {
    try {
      console.log('READY')
      yield* sleep(60_000)
    } finally {
      yield* sleep(10)
      // biome-ignore lint/correctness/noUnsafeFinally: this is what the program is about
      throw new RangeError('no clean-up')
    }
  },
  *leavesAStubbornTask() {
    createTask({ name: 'child' }, generators.swallows as () => Generator<undefined>)
    yield* sleep(60_000)
  },
  *returnsBeforeAStubbornTask() {
    createTask({ name: 'child' }, generators.cleansUpForEver as () => Generator<undefined>)
    yield* sleep(1)
  },
  *holdsAResource() {
    const door = {
      enter: () => console.log('opened'),
      *exit() {
        yield* sleep(10)
        console.log('closed')
      },
    }
    yield* use(door, generators.swallows as () => Generator<undefined>)
  },
  *shields() {
    console.log('READY')
    yield* cancelScope(() => sleep(60_000), { shield: true })
  },
}

const asyncs: Record<string, () => unknown> = {
  async swallows() {
    console.log('READY')
    for (;;) {
      try {
        await sleep(60_000)
      } catch {
        console.log('swallowed')
      }
    }
  },
  async swallowsTwice() {
    console.log('READY')
    for (let i = 0; i < 2; i++) {
      try {
        await sleep(60_000)
      } catch {
        console.log('swallowed')
      }
    }
    console.log('gave in')
  },
  async cleansUp() {
    try {
      console.log('READY')
      await sleep(60_000)
    } finally {
      await sleep(50)
      console.log('cleaned up')
    }
  },
  async cleansUpForEver() {
    try {
      console.log('READY')
      await sleep(60_000)
    } finally {
      try {
        await sleep(Number.POSITIVE_INFINITY)
      } finally {
        console.log('interrupted')
      }
    }
  },
  async asksForTime() {
    try {
      console.log('READY')
      await sleep(60_000)
    } finally {
      await cleanup(10_000, () => sleep(1000))
      console.log('uploaded')
    }
  },
  async failsInCleanUp() {
    try {
      console.log('READY')
      await sleep(60_000)
    } finally {
      await sleep(10)
      // biome-ignore lint/correctness/noUnsafeFinally: this is what the program is about
      throw new RangeError('no clean-up')
    }
  },
  async leavesAStubbornTask() {
    createTask({ name: 'child' }, asyncs.swallows as () => Promise<void>)
    await sleep(60_000)
  },
  async returnsBeforeAStubbornTask() {
    createTask({ name: 'child' }, asyncs.cleansUpForEver as () => Promise<void>)
    await sleep(1)
  },
  async holdsAResource() {
    const door = {
      enter: () => console.log('opened'),
      async exit() {
        await sleep(10)
        console.log('closed')
      },
    }
    await use(door, asyncs.swallows as () => Promise<void>)
  },
  async shields() {
    console.log('READY')
    await cancelScope(() => sleep(60_000), { shield: true })
  },
  async awaitsAPromise() {
    console.log('READY')
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  },
}

const target = (spelling === 'async' ? asyncs : generators)[name]
if (target === undefined) throw new Error(`There is no program ${name} in the ${spelling} spelling.`)
const result = await main(target as () => Promise<unknown>, options)
console.log('main gave', result)
