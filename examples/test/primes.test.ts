import { describe, expect, test } from 'vitest'
import { isPrime, isPrimeWithNaps } from '../primes/is-prime.ts'
import { NUMBERS } from '../primes/numbers.ts'
import { runExample } from './programs.ts'

describe('checking twenty numbers', { timeout: 120_000 }, () => {
  test.each([
    ['sequential', [], 'one after the other'],
    ['threads', ['3'], 'with 3 threads'],
    ['processes', ['2'], 'with 2 processes'],
  ])('gives the same verdicts in each way (%s)', async (way, args, how) => {
    const { status, stdout, stderr } = await runExample('primes/primes.ts', [way, ...args])
    const lines = stdout.trimEnd().split('\n')
    const verdicts = lines.slice(0, -1).map((line) => /^ *(\d+) {2}([P ]) +\d+\.\d{6}s$/.exec(line))
    const found = verdicts.map((verdict) => [Number(verdict?.[1]), verdict?.[2]])
    found.sort(([a], [b]) => Number(a) - Number(b))
    expect(found).toEqual(NUMBERS.map((n) => [n, isPrime(n) ? 'P' : ' ']))
    expect(lines.at(-1)).toMatch(new RegExp(`^20 checks in \\d+\\.\\d\\ds, ${how}$`))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('stops on Ctrl-C, with its processes, and status 130', async () => {
    const { status, stdout } = await runExample('primes/primes.ts', ['processes', '2'], {
      signal: { name: 'SIGINT', afterMs: 100, once: ' P ' },
    })
    expect(status).toBe(130)
    expect(stdout).not.toContain('20 checks')
  })

  test('refuses other ways', async () => {
    expect((await runExample('primes/primes.ts', ['magic'])).status).toBe(2)
  })
})

test.each([0, 1, 2, 3, 4, 9, 25, 97, 1_000_003])('%i is prime, or not, with and without naps', (n) => {
  const naps = isPrimeWithNaps(n)
  let step = naps.next()
  while (!step.done) step = naps.next()
  expect(step.value).toBe(isPrime(n))
})
