import { describe, expect, test } from 'vitest'
import { runExample } from './programs.ts'

describe.concurrent.each(['spinner-generator.ts', 'spinner-async.ts'])(
  '%s',
  { timeout: 20_000 },
  (program) => {
    test('shows its task, turns while the slow thing goes on, erases its line, and gives the answer', async ({
      expect,
    }) => {
      const { status, stdout, stderr } = await runExample(`spinner/${program}`)
      const [first, ...frames] = stdout.split(/[\r\n]/)
      expect(first).toMatch(/^spinner object: <Task pending name='Task-2' coro=<spin\(\) .*>>$/)
      expect(frames.slice(0, 5)).toEqual([
        '| thinking!',
        '/ thinking!',
        '- thinking!',
        '\\ thinking!',
        '| thinking!',
      ])
      expect(frames.length).toBeGreaterThan(20)
      expect(frames.slice(-3)).toEqual([' '.repeat('| thinking!'.length), 'Answer: 42', ''])
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    })

    test('erases its line on Ctrl-C, and gives no answer', async ({ expect }) => {
      const ending = await runExample(`spinner/${program}`, [], {
        signal: { name: 'SIGINT', afterMs: 200, once: 'thinking!' },
      })
      expect(ending.status).toBe(130)
      expect(ending.stdout).toMatch(/thinking!\r +\r$/)
      expect(ending.stdout).not.toContain('Answer')
    })
  },
)

test('the two spellings differ in nothing but function* and yield*', async () => {
  const { readFileSync } = await import('node:fs')
  const read = (name: string) => readFileSync(new URL(`../spinner/${name}`, import.meta.url), 'utf8')
  const translated = read('spinner-generator.ts')
    .replaceAll('function* ', 'async function ')
    .replaceAll('yield* ', 'await ')
    .replaceAll('Coroutine<', 'Promise<')
    .replace('import { type Coroutine, ', 'import { ')
    .replace('generator spelling', 'async spelling')
  expect(read('spinner-async.ts')).toBe(translated)
})
