import { expect, test } from 'vitest'
import { RingBuffer } from '../../src/loop/ring-buffer.ts'
import { seeded } from '../support/random.ts'

function take<T>(buffer: RingBuffer<T>): T {
  const entry = buffer.peek()
  buffer.drop()
  return entry
}

function takeAll<T>(buffer: RingBuffer<T>): T[] {
  const entries: T[] = []
  while (buffer.length > 0) entries.push(take(buffer))
  return entries
}

test('a new buffer is empty', () => {
  expect(new RingBuffer(4).length).toBe(0)
})

test('first in, first out', () => {
  const buffer = new RingBuffer<string>(4)
  for (const entry of ['a', 'b', 'c']) buffer.push(entry)
  expect([buffer.length, buffer.peek(), buffer.length]).toEqual([3, 'a', 3])
  expect(takeAll(buffer)).toEqual(['a', 'b', 'c'])
})

test('grows beyond its first capacity and keeps the order', () => {
  const buffer = new RingBuffer<number>(2)
  for (let i = 0; i < 1000; i++) buffer.push(i)
  expect(buffer.length).toBe(1000)
  expect(takeAll(buffer)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
})

test('wraps around its end without growing', () => {
  const buffer = new RingBuffer<number>(4)
  for (let i = 0; i < 100; i++) {
    buffer.push(i)
    buffer.push(-i)
    expect([take(buffer), take(buffer), buffer.length]).toEqual([i, -i, 0])
  }
})

for (let head = 0; head < 4; head++) {
  test(`keeps the order when it grows with its first entry in slot ${head}`, () => {
    const buffer = new RingBuffer<number>(4)
    for (let i = 0; i < head; i++) {
      buffer.push(-1)
      buffer.drop()
    }
    for (let i = 0; i < 9; i++) buffer.push(i)
    expect(takeAll(buffer)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })
}

test('works from a capacity of one', () => {
  const buffer = new RingBuffer<number>(1)
  for (let i = 0; i < 5; i++) buffer.push(i)
  expect(takeAll(buffer)).toEqual([0, 1, 2, 3, 4])
})

test('holds undefined and null like any other entry', () => {
  const buffer = new RingBuffer<unknown>(2)
  for (const entry of [undefined, null, undefined]) buffer.push(entry)
  expect(buffer.length).toBe(3)
  expect(takeAll(buffer)).toEqual([undefined, null, undefined])
})

test('agrees with an array under random pushes and drops', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seeded(seed)
    const buffer = new RingBuffer<number>(2)
    const model: number[] = []
    for (let step = 0; step < 500; step++) {
      // The share of pushes swings, so that it fills, wraps and empties again and again.
      if (random() < 0.5 + 0.3 * Math.sin(step / 40)) {
        buffer.push(step)
        model.push(step)
      } else if (model.length > 0) expect(take(buffer), `seed ${seed}`).toBe(model.shift())
      expect(buffer.length, `seed ${seed}`).toBe(model.length)
    }
    expect(takeAll(buffer), `seed ${seed}`).toEqual(model)
  }
})
