/** Programs for main.test.ts: `node main.ts NAME`. Each says READY once it runs. */
import { createTask, Future, sleep } from 'polvo'
import { main } from 'polvo/node'

const programs: Record<string, () => void> = {
  returns() {
    main(function* () {
      yield* sleep(1)
      console.log('done')
    })
  },
  throws() {
    main(async () => {
      await sleep(1)
      throw new RangeError('boom')
    })
  },
  cleansUp() {
    main(async () => {
      try {
        console.log('READY')
        await sleep(60_000)
      } finally {
        await sleep(50)
        console.log('cleaned up')
      }
    })
  },
  cleansUpInChild() {
    main(function* () {
      createTask(function* () {
        try {
          yield* sleep(60_000)
        } finally {
          yield* sleep(50)
          console.log('child cleaned up')
        }
      })
      console.log('READY')
      yield* sleep(60_000)
    })
  },
  refuses() {
    main(function* refuses() {
      console.log('READY')
      for (;;) {
        try {
          yield* sleep(60_000)
        } catch {
          console.log('swallowed')
        }
      }
    })
  },
  waitsForNothing() {
    main(async () => {
      await new Future()
    })
  },
  holdsASocket() {
    main(async () => {
      setInterval(() => {}, 1000)
      console.log('READY')
      await sleep(60_000)
    })
  },
}

programs[process.argv[2] ?? '']?.()
