import type { EventLoop } from 'polvo'
import { expect, test } from 'vitest'
import { Timer } from '../../src/loop/timer.ts'
import { VirtualLoop } from '../../src/testing/virtual-loop.ts'

async function traceOfLoop(program: (loop: EventLoop, print: (line: string) => void) => void) {
  const trace: string[] = []
  const loop = new VirtualLoop()
  program(loop, (line) => trace.push(`${line} at ${loop.time()}`))
  loop.callLater(100, () => loop.stop())
  await loop.runForever()
  return trace
}

test('fires once, when the deadline has come', async () => {
  const trace = await traceOfLoop((loop, print) => {
    Timer.at(loop, 7, () => print('fired'))
  })
  expect(trace).toEqual(['fired at 7'])
})

test('one for the past fires in the next pass, behind what is ready', async () => {
  const trace = await traceOfLoop((loop, print) => {
    Timer.at(loop, -5, () => print('timer'))
    loop.callSoon(print, 'callback')
  })
  expect(trace).toEqual(['callback at 0', 'timer at 0'])
})

test('soon() fires in line with the callbacks of the next pass', async () => {
  const trace = await traceOfLoop((loop, print) => {
    loop.callSoon(print, 'before')
    Timer.soon(loop, () => print('timer'))
    loop.callSoon(print, 'behind')
  })
  expect(trace).toEqual(['before at 0', 'timer at 0', 'behind at 0'])
})

test('called off it does not fire, however late', async () => {
  const trace = await traceOfLoop((loop, print) => {
    const waiting = Timer.at(loop, 7, () => print('never'))
    loop.callLater(6, () => waiting.cancel())
    const soon = Timer.soon(loop, () => print('never'))
    soon.cancel()
    const sibling = Timer.at(loop, 9, () => late.cancel())
    const late = Timer.at(loop, 9, () => print('never'))
    loop.callLater(10, () => sibling.cancel())
  })
  expect(trace).toEqual([])
})

test('can be called off twice, and after it fired', async () => {
  const trace = await traceOfLoop((loop, print) => {
    const timer = Timer.at(loop, 7, () => print('fired'))
    loop.callLater(8, () => {
      timer.cancel()
      timer.cancel()
    })
    loop.callLater(9, print, 'the others still come')
  })
  expect(trace).toEqual(['fired at 7', 'the others still come at 9'])
})
