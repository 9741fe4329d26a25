import { CapacityLimiter, Condition, createTask, type Held, Lock, Semaphore, sleep, waitFor } from 'polvo'
import { describe } from 'vitest'
import { keepsTheOperationContract } from '../support/operations.ts'
import { passCounter } from '../support/passes.ts'
import { bothSpellings } from '../support/traces.ts'

/** What can be held, one at a time, and whether it is. */
const kinds = {
  Lock: () => {
    const lock = new Lock()
    return { hold: () => lock.hold(), isHeld: () => lock.locked() }
  },
  Condition: () => {
    const condition = new Condition()
    return { hold: () => condition.hold(), isHeld: () => condition.locked() }
  },
  Semaphore: () => {
    const semaphore = new Semaphore()
    return { hold: () => semaphore.hold(), isHeld: () => semaphore.locked() }
  },
  CapacityLimiter: () => {
    const limiter = new CapacityLimiter(1)
    return { hold: () => limiter.hold(), isHeld: () => limiter.borrowedTokens > 0 }
  },
}

for (const [name, make] of Object.entries(kinds)) {
  describe(`hold() of a ${name}`, () => {
    bothSpellings(
      'is given back at the end of the block, also when the block fails',
      ['true', 'false', 'true', 'false', 'boom'],
      {
        *generator(print) {
          const { hold, isHeld } = make()
          {
            using _held = yield* hold()
            yield* sleep(1)
            print(isHeld())
          }
          print(isHeld())
          try {
            using _held = yield* hold()
            print(isHeld())
            throw 'boom'
          } catch (error) {
            print(isHeld())
            print(error)
          }
        },
        async async(print) {
          const { hold, isHeld } = make()
          {
            using _held = await hold()
            await sleep(1)
            print(isHeld())
          }
          print(isHeld())
          try {
            using _held = await hold()
            print(isHeld())
            throw 'boom'
          } catch (error) {
            print(isHeld())
            print(error)
          }
        },
      },
    )

    bothSpellings(
      'release() gives it back before that, once: what others hold since then is theirs',
      ['false', 'other true', 'true', 'true'],
      {
        *generator(print) {
          const { hold, isHeld } = make()
          {
            using held = yield* hold()
            held.release()
            print(isHeld())
            createTask(function* () {
              using _other = yield* hold()
              print('other', isHeld())
              yield* sleep(10)
            })
            yield* sleep(1)
            held.release()
            print(isHeld())
          }
          print(isHeld())
        },
        async async(print) {
          const { hold, isHeld } = make()
          {
            using held = await hold()
            held.release()
            print(isHeld())
            createTask(async () => {
              using _other = await hold()
              print('other', isHeld())
              await sleep(10)
            })
            await sleep(1)
            held.release()
            print(isHeld())
          }
          print(isHeld())
        },
      },
    )

    bothSpellings(
      'waits in line, and is a checkpoint only where it waits',
      ['0 passes', 'first leaves', 'second in', 'third in'],
      {
        *generator(print) {
          const { hold } = make()
          const passes = passCounter()
          {
            using _first = yield* hold()
            print(passes(), 'passes')
            for (const order of ['second', 'third'])
              createTask(function* () {
                using _held = yield* hold()
                print(order, 'in')
              })
            yield
            print('first leaves')
          }
          for (let i = 0; i < 5; i++) yield
        },
        async async(print) {
          const { hold } = make()
          const passes = passCounter()
          {
            using _first = await hold()
            print(passes(), 'passes')
            for (const order of ['second', 'third'])
              createTask(async () => {
                using _held = await hold()
                print(order, 'in')
              })
            await sleep(0)
            print('first leaves')
          }
          for (let i = 0; i < 5; i++) await sleep(0)
        },
      },
    )

    bothSpellings(
      'nothing is held by one that is cancelled while it waits, or as its turn comes',
      ['TimeoutError', 'true', 'false'],
      {
        *generator(print) {
          const { hold, isHeld } = make()
          const first = yield* hold()
          try {
            yield* waitFor(hold(), 5)
          } catch (error) {
            print(error)
          }
          print(isHeld())
          const heir = createTask(function* () {
            using _held = yield* hold()
            print('never')
          })
          yield* sleep(1)
          first.release()
          heir.cancel()
          yield* sleep(1)
          print(isHeld())
        },
        async async(print) {
          const { hold, isHeld } = make()
          const first = await hold()
          try {
            await waitFor(hold(), 5)
          } catch (error) {
            print(error)
          }
          print(isHeld())
          const heir = createTask(async () => {
            using _held = await hold()
            print('never')
          })
          await sleep(1)
          first.release()
          heir.cancel()
          await sleep(1)
          print(isHeld())
        },
      },
    )

    bothSpellings('may be handed to another task, which gives it back', ['true', 'false'], {
      *generator(print) {
        const { hold, isHeld } = make()
        const held: Held = yield* hold()
        yield* createTask(function* () {
          using _mine = held
          yield* sleep(1)
          print(isHeld())
        })
        print(isHeld())
      },
      async async(print) {
        const { hold, isHeld } = make()
        const held: Held = await hold()
        await createTask(async () => {
          using _mine = held
          await sleep(1)
          print(isHeld())
        })
        print(isHeld())
      },
    })
  })
}

describe('misuse', () => {
  keepsTheOperationContract('lock.hold()', () => new Lock().hold())
  keepsTheOperationContract('semaphore.hold()', () => new Semaphore().hold())
})
