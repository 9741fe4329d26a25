import { createTask, sleep } from 'polvo'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { virtualLoop } from '../support/loops.ts'

let printed: unknown[][] = []

beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((...values) => {
    printed.push(values)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

test('without a handler a report is printed: message, objects concerned, error', () => {
  const boom = new Error('boom')
  const task = { name: 'a task' }
  virtualLoop().callExceptionHandler({ message: 'It went wrong', exception: boom, task })
  expect(printed).toHaveLength(1)
  expect(printed[0]).toEqual(['[polvo] It went wrong', '\n  task:', task, '\n ', boom])
})

test('a report without an error prints none', () => {
  virtualLoop().callExceptionHandler({ message: 'Careful' })
  expect(printed).toEqual([['[polvo] Careful']])
})

test('a handler is told in place of printing, with its loop', () => {
  const loop = virtualLoop()
  const handler = vi.fn()
  loop.setExceptionHandler(handler)
  const context = { message: 'It went wrong' }
  loop.callExceptionHandler(context)
  expect(handler.mock.calls).toEqual([[loop, context]])
  expect(printed).toEqual([])
})

test('null goes back to printing', () => {
  const loop = virtualLoop()
  const handler = vi.fn()
  loop.setExceptionHandler(handler)
  expect(loop.getExceptionHandler()).toBe(handler)
  loop.setExceptionHandler(null)
  expect(loop.getExceptionHandler()).toBe(null)
  loop.callExceptionHandler({ message: 'It went wrong' })
  expect(handler).not.toHaveBeenCalled()
  expect(printed).toEqual([['[polvo] It went wrong']])
})

test('a handler may print by itself', () => {
  const loop = virtualLoop()
  loop.setExceptionHandler((itsLoop, context) => itsLoop.defaultExceptionHandler(context))
  loop.callExceptionHandler({ message: 'It went wrong' })
  expect(printed).toEqual([['[polvo] It went wrong']])
})

test('a handler that throws is reported by printing, with what it was told, and the loop goes on', async () => {
  const loop = virtualLoop()
  const broken = new Error('broken handler')
  loop.setExceptionHandler(() => {
    throw broken
  })
  const boom = new Error('boom')
  const trace: string[] = []
  loop.callSoon(() => {
    throw boom
  })
  loop.callSoon(() => trace.push('goes on'))
  loop.callSoon(() => loop.stop())
  await loop.runForever()
  expect(trace).toEqual(['goes on'])
  expect(printed).toHaveLength(1)
  expect(printed[0]).toEqual([
    '[polvo] Unhandled error in exception handler',
    '\n  context:',
    expect.objectContaining({ exception: boom }),
    '\n ',
    broken,
  ])
})

test('a handler that schedules and starts tasks does so on the loop that reports', async () => {
  const loop = virtualLoop()
  const trace: string[] = []
  loop.setExceptionHandler((itsLoop, { message }) => {
    itsLoop.createTask(function* () {
      yield* sleep(5)
      trace.push(`${message} told at ${itsLoop.time()}`)
      itsLoop.stop()
    })
  })
  loop.callSoon(function explode() {
    throw new Error('boom')
  })
  await loop.runForever()
  expect(trace).toEqual(['Exception in callback explode() told at 5'])
})

test('setExceptionHandler() refuses what is neither a function nor null', () => {
  for (const wrong of [undefined, 'print', {}]) {
    expect(() => virtualLoop().setExceptionHandler(wrong as never)).toThrow(
      expect.objectContaining({ code: 'POLVO_MISUSE' }),
    )
  }
})

test('errors of done-callbacks are reported, and the other callbacks are called', async () => {
  const loop = virtualLoop()
  const reports: string[] = []
  loop.setExceptionHandler((_, { message, exception }) => reports.push(`${message}: ${exception}`))
  await loop.runUntilComplete(function* () {
    const task = createTask(function* () {})
    task.addDoneCallback(function broken() {
      throw 'boom'
    })
    task.addDoneCallback(function fine() {
      reports.push('fine')
    })
    yield* sleep(1)
  })
  expect(reports).toEqual(['Exception in done callback broken(): boom', 'fine'])
})
