import { inspect } from 'node:util'
import type { EventLoop } from 'polvo'
import { expect, test } from 'vitest'
import { virtualLoop } from '../support/loops.ts'

async function runFor(loop: EventLoop, ms: number): Promise<void> {
  loop.callLater(ms, () => loop.stop())
  await loop.runForever()
}

test('a cancelled handle says so, and its callback is not called', async () => {
  const loop = virtualLoop()
  const called: string[] = []
  const handle = loop.callSoon(() => called.push('soon'))
  const timer = loop.callLater(5, () => called.push('later'))
  expect([handle.cancelled(), timer.cancelled()]).toEqual([false, false])
  handle.cancel()
  timer.cancel()
  expect([handle.cancelled(), timer.cancelled()]).toEqual([true, true])
  await runFor(loop, 10)
  expect(called).toEqual([])
})

test('cancelling twice, or after the callback ran, does nothing', async () => {
  const loop = virtualLoop()
  const called: string[] = []
  const handle = loop.callSoon(() => called.push('soon'))
  const timer = loop.callLater(5, () => called.push('later'))
  const cancelled = loop.callLater(5, () => called.push('never'))
  cancelled.cancel()
  cancelled.cancel()
  await runFor(loop, 10)
  handle.cancel()
  timer.cancel()
  timer.cancel()
  await runFor(loop, 10)
  expect(called).toEqual(['soon', 'later'])
})

test('a callback that ran was not cancelled', async () => {
  const loop = virtualLoop()
  const handle = loop.callSoon(() => {})
  const timer = loop.callLater(5, () => {})
  await runFor(loop, 10)
  expect([handle.cancelled(), timer.cancelled()]).toEqual([false, false])
})

test('a callback may cancel its own handle', async () => {
  const loop = virtualLoop()
  const called: string[] = []
  const handle = loop.callSoon(() => {
    handle.cancel()
    called.push('soon')
  })
  const timer = loop.callLater(5, () => {
    timer.cancel()
    called.push('later')
  })
  await runFor(loop, 10)
  expect(called).toEqual(['soon', 'later'])
})

test('cancelling one of several timers of the same moment leaves the others', async () => {
  const loop = virtualLoop()
  const called: string[] = []
  const handles = ['a', 'b', 'c', 'd'].map((name) => loop.callLater(5, () => called.push(name)))
  handles[0]?.cancel()
  handles[2]?.cancel()
  await runFor(loop, 10)
  expect(called).toEqual(['b', 'd'])
})

test('when() is the deadline on the clock of the loop', async () => {
  const loop = virtualLoop()
  await runFor(loop, 100)
  expect([loop.callLater(25, () => {}).when(), loop.callAt(30.5, () => {}).when()]).toEqual([125, 30.5])
})

test('shows the callback, or that it was cancelled', () => {
  const loop = virtualLoop()
  const handle = loop.callSoon(function poll() {})
  const timer = loop.callLater(5, function tick() {})
  expect([String(handle), inspect(timer)]).toEqual(['<Handle poll()>', '<TimerHandle tick()>'])
  handle.cancel()
  timer.cancel()
  expect([inspect(handle), String(timer)]).toEqual(['<Handle cancelled>', '<TimerHandle cancelled>'])
})
