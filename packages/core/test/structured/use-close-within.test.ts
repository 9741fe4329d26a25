/** `use(…, { closeWithin })`: resources that take long to close. */
import {
  createTask,
  getRunningLoop,
  type Resource,
  resource,
  sleep,
  type Task,
  timeout,
  type Usable,
  use,
  wait,
} from 'polvo'
import { describe } from 'vitest'
import { now } from '../support/here.ts'
import { refuses } from '../support/misuse.ts'
import { bothSpellings, type Print } from '../support/traces.ts'

/** Resources that take `ms` milliseconds to close, and say whether they got to the end of it. */
const kinds: Record<string, (ms: number, print: Print) => Usable<string>> = {
  'a resource by protocol': (ms, print): Resource<string> => ({
    enter: () => 'value',
    *exit() {
      yield* closing(ms, print)
    },
  }),
  'a resource by protocol with async methods': (ms, print): Resource<string> => ({
    async enter() {
      return 'value'
    },
    async exit() {
      await asyncClosing(ms, print)
    },
  }),
  'something that can be disposed of': (ms, print) =>
    ({
      [Symbol.asyncDispose]: () => asyncClosing(ms, print),
    }) as AsyncDisposable as never,
  'a resource function': (ms, print) =>
    resource(function* (provide) {
      try {
        yield* provide('value')
      } finally {
        yield* closing(ms, print)
      }
    }),
  'an async resource function': (ms, print) =>
    resource(async (provide) => {
      try {
        await provide('value')
      } finally {
        await asyncClosing(ms, print)
      }
    }),
}

function* closing(ms: number, print: Print) {
  let isDone = false
  try {
    yield* sleep(ms)
    isDone = true
  } finally {
    print(isDone ? 'closed' : 'interrupted', 'at', now())
  }
}

async function asyncClosing(ms: number, print: Print) {
  let isDone = false
  try {
    await sleep(ms)
    isDone = true
  } finally {
    print(isDone ? 'closed' : 'interrupted', 'at', now())
  }
}

/** Time must pass in virtual time for a grace period to be over: somebody else sleeps. Reports are cut short. */
function watchTheClock(print: Print): Task<unknown> {
  getRunningLoop().setExceptionHandler((_, { message }) => {
    print(/is (told again|ended)$/.exec(message)?.[1] ?? message, 'at', now())
  })
  return createTask(function* () {
    for (let i = 0; i < 1000; i++) yield* sleep(1)
  })
}

const grace = { cancelGrace: 10 }

for (const [kind, make] of Object.entries(kinds)) {
  describe(kind, () => {
    bothSpellings(
      'that closes in its time after a time limit is neither told again nor ended',
      ['closed at 90', 'TimeoutError at 90'],
      {
        *generator(print) {
          watchTheClock(print)
          try {
            yield* timeout(10, () => use(make(80, print), () => sleep(1000), { closeWithin: 100 }))
          } catch (error) {
            print(error, 'at', now())
          }
        },
        async async(print) {
          watchTheClock(print)
          try {
            await timeout(10, () => use(make(80, print), () => sleep(1000), { closeWithin: 100 }))
          } catch (error) {
            print(error, 'at', now())
          }
        },
      },
      grace,
    )

    bothSpellings(
      'that takes longer is told again when its time is over',
      ['told again at 60', 'interrupted at 60', 'TimeoutError at 60'],
      {
        *generator(print) {
          watchTheClock(print)
          try {
            yield* timeout(10, () => use(make(500, print), () => sleep(1000), { closeWithin: 50 }))
          } catch (error) {
            print(error, 'at', now())
          }
        },
        async async(print) {
          watchTheClock(print)
          try {
            await timeout(10, () => use(make(500, print), () => sleep(1000), { closeWithin: 50 }))
          } catch (error) {
            print(error, 'at', now())
          }
        },
      },
      grace,
    )

    bothSpellings(
      'has its time as well where the task was cancelled by hand, and in good times no limit at all',
      ['closed at 85', 'cancelled', 'closed at 285', 'result'],
      {
        *generator(print) {
          watchTheClock(print)
          const task = createTask(() => use(make(80, print), () => sleep(1000), { closeWithin: 100 }))
          yield* sleep(5)
          task.cancel()
          yield* wait([task])
          print(task.cancelled() ? 'cancelled' : 'not cancelled')
          print(yield* use(make(200, print), () => 'result', { closeWithin: 1 }))
        },
        async async(print) {
          watchTheClock(print)
          const task = createTask(() => use(make(80, print), () => sleep(1000), { closeWithin: 100 }))
          await sleep(5)
          task.cancel()
          await wait([task])
          print(task.cancelled() ? 'cancelled' : 'not cancelled')
          print(await use(make(200, print), () => 'result', { closeWithin: 1 }))
        },
      },
      grace,
    )
  })
}

describe('misuse', () => {
  const anything = { enter: () => {}, exit: () => {} }

  refuses('use({ closeWithin })', [-1, Number.NaN, '5', null], (closeWithin) =>
    use(anything, () => {}, { closeWithin }),
  )
})
