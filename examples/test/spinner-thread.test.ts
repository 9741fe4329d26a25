import { describe, expect, test } from 'vitest'
import { runExample } from './programs.ts'

const BLANK = ' '.repeat('| thinking!'.length)

describe.concurrent('the spinner', { timeout: 60_000 }, () => {
  test('turns in a thread while the main thread is blocked, and stops when it is told', async () => {
    const { status, stdout, stderr } = await runExample('spinner/spinner-thread.ts')
    const [first, ...frames] = stdout.split(/[\r\n]/)
    expect(first).toBe('spinner object: <Future pending>')
    expect(frames.slice(0, 5)).toEqual(['|', '/', '-', '\\', '|'].map((char) => `${char} thinking!`))
    expect(frames.length).toBeGreaterThan(15)
    expect(frames.slice(-3)).toEqual([BLANK, 'Answer: 42', ''])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test.each([
    ['blocked', 0, 0],
    ['nap', 3, 10_000],
    ['thread', 3, 10_000],
  ])('beside a processor-bound job turns as it can (%s)', async (way, least, most) => {
    const { status, stdout, stderr } = await runExample('spinner/spinner-prime.ts', [way])
    const frames = stdout.match(/. thinking!/g) ?? []
    expect(stdout).toMatch(/^spinner object: <Task pending name='Task-2' coro=<spin\(\) /)
    expect(frames.length).toBeGreaterThanOrEqual(least)
    expect(frames.length).toBeLessThanOrEqual(most)
    expect(stdout.split(/[\r\n]/).slice(-2)).toEqual(['5,000,111,000,222,021 is prime', ''])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('says how it is called', async () => {
    const { status, stderr } = await runExample('spinner/spinner-prime.ts', ['magic'])
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'usage: spinner-prime blocked|nap|thread\n' })
  })
})
