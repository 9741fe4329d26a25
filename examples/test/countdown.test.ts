import { describe, test } from 'vitest'
import { expectTwins, runExample } from './programs.ts'

describe.concurrent.each(['countdown-generator.ts', 'countdown-async.ts'])(
  '%s',
  { timeout: 20_000 },
  (program) => {
    test('counts four times at once, each in its column and at its own pace', async ({ expect }) => {
      const { status, stdout, stderr } = await runExample(`countdown/${program}`)
      const lines = stdout.split('\n').filter((line) => line !== '━'.repeat(50) && line !== '')
      const counts = lines.map((line) => /^ *(\d+\.\d{4})s \t(\t*)([A-D]) = (\d)$/.exec(line) ?? [])
      expect(counts.map(([, , , label, n]) => `${label}${n}`).join(' ')).toBe(
        'C3 C2 A3 C1 D3 A2 B3 D2 A1 D1 B2 B1',
      )
      for (const [, , tabs = '', label = ''] of counts) expect('ABCD'[tabs.length]).toBe(label)
      const paces = { A: 0.7, B: 2, C: 0.3, D: 1 } as Record<string, number>
      for (const [, seconds, , label = '', n] of counts) {
        const due = (paces[label] as number) * (4 - Number(n))
        expect(Number(seconds)).toBeGreaterThanOrEqual(due - 0.001)
        expect(Number(seconds)).toBeLessThan(due + 1)
      }
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    })
  },
)

test('the two spellings differ in nothing else', ({ expect }) => expectTwins(expect, 'countdown/countdown'))
