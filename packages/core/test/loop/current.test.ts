/** Which loop and which task a piece of code belongs to. */
import {
  createTask,
  currentTask,
  getRunningLoop,
  InvalidStateError,
  newEventLoop,
  sleep,
  taskGroup,
  timeout,
} from 'polvo'
import { expect, test } from 'vitest'
import { bothSpellings } from '../support/traces.ts'

test('outside any loop there is no running loop and no current task', () => {
  expect(() => getRunningLoop()).toThrow(InvalidStateError)
  expect(currentTask()).toBe(null)
})

test('in a callback the loop is the one that runs it, and there is no task', async () => {
  const loop = newEventLoop()
  const seen: unknown[] = []
  loop.callSoon(() => {
    seen.push(getRunningLoop() === loop, currentTask())
    loop.stop()
  })
  await loop.runForever()
  expect(seen).toEqual([true, null])
})

bothSpellings(
  'the task is the same in all of its bodies, also behind a native await, and is put back after a child',
  ['child', 'main', 'main', 'main', 'main in a timeout', 'main in a group', 'callback null', 'main'],
  {
    *generator(print) {
      const main = currentTask()
      main?.setName('main')
      const name = () => currentTask()?.getName() ?? null
      yield* createTask({ name: 'child' }, function* () {
        print(name())
      })
      print(name())
      yield
      print(name())
      yield* sleep(5)
      print(name())
      yield* timeout(5, function* () {
        yield* sleep(1)
        print(name(), 'in a timeout')
      })
      yield* taskGroup(function* () {
        yield* sleep(1)
        print(name(), 'in a group')
      })
      getRunningLoop().callSoon(() => print('callback', name()))
      yield* sleep(0)
      print(name())
    },
    async async(print) {
      const main = currentTask()
      main?.setName('main')
      const name = () => currentTask()?.getName() ?? null
      await createTask({ name: 'child' }, async () => {
        print(name())
      })
      print(name())
      await null
      print(name())
      await sleep(5)
      print(name())
      await timeout(5, async () => {
        await sleep(1)
        print(name(), 'in a timeout')
      })
      await taskGroup(async () => {
        await sleep(1)
        print(name(), 'in a group')
      })
      getRunningLoop().callSoon(() => print('callback', name()))
      await sleep(0)
      print(name())
    },
  },
)
