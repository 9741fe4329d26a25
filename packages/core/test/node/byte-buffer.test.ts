import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/node/byte-buffer.ts'
import { seeded } from '../support/random.ts'

function filled(...chunks: string[]): ByteBuffer {
  const buffer = new ByteBuffer()
  for (const chunk of chunks) buffer.append(Buffer.from(chunk))
  return buffer
}

describe('a byte buffer', () => {
  test('gives the bytes out in the order they came', () => {
    const buffer = filled('ab', 'cd', 'e')
    expect([buffer.take(3), buffer.take(1), buffer.take()].map(String)).toEqual(['abc', 'd', 'e'])
    expect(buffer.length).toBe(0)
  })

  test('gives out what there is where more is asked for', () => {
    expect(String(filled('ab').take(5))).toBe('ab')
  })

  test('copies nothing of a chunk that finds it empty', () => {
    const chunk = Buffer.from('line\nrest')
    const buffer = new ByteBuffer()
    buffer.append(chunk)
    expect(buffer.take(5).buffer).toBe(chunk.buffer)
  })

  test('takes any bytes for a chunk, as a view', () => {
    const buffer = new ByteBuffer()
    buffer.append(new Uint8Array([0, 104, 105, 0]).subarray(1, 3))
    expect(String(buffer.take())).toBe('hi')
  })

  test('leaves what was given out as it is, however much is appended', () => {
    const buffer = filled('a', 'b', 'c')
    const taken = buffer.take(2)
    for (let i = 0; i < 1000; i++) buffer.append(Buffer.from('xyz'))
    expect(String(taken)).toBe('ab')
  })

  test('finds bytes that came in pieces, and nothing behind the end', () => {
    const buffer = filled('one\r', '\ntwo\r\n')
    expect(buffer.find(Buffer.from('\r\n'), 0)).toBe(3)
    expect(buffer.find(Buffer.from('\r\n'), 4)).toBe(8)
    buffer.take(5)
    expect(buffer.find(Buffer.from('\r\n'), 0)).toBe(3)
    buffer.take()
    expect(buffer.find(Buffer.from('\n'), 0)).toBe(-1)
  })

  test('copies a byte a few times at most, however small the chunks are', () => {
    const buffer = new ByteBuffer()
    const memories = new Set<ArrayBufferLike>()
    for (let i = 0; i < 100_000; i++) {
      buffer.append(Buffer.from('x'))
      memories.add(buffer.peek().buffer)
    }
    expect(memories.size).toBeLessThan(30)
  })

  test.each([1, 2, 3])('holds what a plain string would (seed %i)', (seed) => {
    const random = seeded(seed)
    const buffer = new ByteBuffer()
    let model = ''
    for (let i = 0; i < 2000; i++) {
      if (random() < 0.5) {
        const chunk = 'abcde\n'.repeat(1 + random() * 20).slice(0, 1 + random() * 100)
        buffer.append(Buffer.from(chunk))
        model += chunk
      } else {
        const count = Math.floor(random() * 80)
        expect(String(buffer.take(count))).toBe(model.slice(0, count))
        model = model.slice(count)
      }
      const from = Math.floor(random() * (model.length + 1))
      expect(buffer.find(Buffer.from('\n'), from)).toBe(model.indexOf('\n', from))
      expect(buffer.length).toBe(model.length)
    }
  })
})
