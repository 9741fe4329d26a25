/** Tasks that wait for each other in a circle: a cancellation goes round once, and reaches all of them. */
import { call, createTask, Future, gather, getRunningLoop, sleep, type Task } from 'polvo'
import { bothSpellings } from '../support/traces.ts'

const now = () => getRunningLoop().time()

bothSpellings(
  'a circle of two is broken where the cancellation began',
  ['a CancelledError', 'b CancelledError'],
  {
    *generator(print) {
      const a: Task<unknown> = createTask(function* () {
        try {
          yield* b
        } catch (error) {
          print('a', error)
          throw error
        }
      })
      const b: Task<unknown> = createTask(function* () {
        try {
          yield* a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      yield* sleep(1)
      a.cancel()
      yield* sleep(1)
    },
    async async(print) {
      const a: Task<unknown> = createTask(async () => {
        try {
          await b
        } catch (error) {
          print('a', error)
          throw error
        }
      })
      const b: Task<unknown> = createTask(async () => {
        try {
          await a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      await sleep(1)
      a.cancel()
      await sleep(1)
    },
  },
)

bothSpellings(
  'so is one that goes through functions of the other spelling',
  ['a CancelledError', 'b CancelledError'],
  {
    *generator(print) {
      const a: Task<unknown> = createTask(function* () {
        try {
          yield* call(async () => {
            await b
          })
        } catch (error) {
          print('a', error)
          throw error
        }
      })
      const b: Task<unknown> = createTask(function* () {
        try {
          yield* a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      yield* sleep(1)
      a.cancel()
      yield* sleep(1)
    },
    async async(print) {
      const a: Task<unknown> = createTask(async () => {
        try {
          await call(function* () {
            yield* b
          })
        } catch (error) {
          print('a', error)
          throw error
        }
      })
      const b: Task<unknown> = createTask(async () => {
        try {
          await a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      await sleep(1)
      a.cancel()
      await sleep(1)
    },
  },
)

bothSpellings(
  'what a task was taken away from does not wake it in its clean-up',
  ['a CancelledError', 'cleaned up at 11', 'b CancelledError'],
  {
    *generator(print) {
      const a: Task<unknown> = createTask(function* () {
        try {
          yield* gather(b, sleep(1000))
        } catch (error) {
          print('a', error)
          throw error
        } finally {
          yield* sleep(10)
          print('cleaned up at', now())
        }
      })
      const b: Task<unknown> = createTask(function* () {
        try {
          yield* a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      yield* sleep(1)
      a.cancel()
      yield* sleep(20)
    },
    async async(print) {
      const a: Task<unknown> = createTask(async () => {
        try {
          await gather(b, sleep(1000))
        } catch (error) {
          print('a', error)
          throw error
        } finally {
          await sleep(10)
          print('cleaned up at', now())
        }
      })
      const b: Task<unknown> = createTask(async () => {
        try {
          await a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      await sleep(1)
      a.cancel()
      await sleep(20)
    },
  },
  // The gather that was left with the cancellation of its own is reported.
  { hideReports: true },
)

bothSpellings(
  'a circle through one of several awaits at once takes the others along',
  ['a CancelledError', 'b CancelledError', 'left alone true'],
  {
    *generator(print) {
      const other = new Future()
      const a: Task<unknown> = createTask(function* () {
        try {
          yield* call(async () => {
            await Promise.all([other, b])
          })
        } catch (error) {
          print('a', error)
          throw error
        }
      })
      const b: Task<unknown> = createTask(function* () {
        try {
          yield* a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      yield* sleep(1)
      a.cancel()
      yield* sleep(1)
      print('left alone', other.cancelled())
    },
    async async(print) {
      const other = new Future()
      const a: Task<unknown> = createTask(async () => {
        try {
          await Promise.all([other, b])
        } catch (error) {
          print('a', error)
          throw error
        }
      })
      const b: Task<unknown> = createTask(async () => {
        try {
          await a
        } catch (error) {
          print('b', error)
          throw error
        }
      })
      await sleep(1)
      a.cancel()
      await sleep(1)
      print('left alone', other.cancelled())
    },
  },
)
