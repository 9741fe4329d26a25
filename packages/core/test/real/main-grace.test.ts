/**
 * A program always stops: what SIGINT and SIGTERM do to code that would not. Processes of their own, in real time; side by side,
 * for each that has to be ended takes three seconds.
 */
import { describe, expect, test } from 'vitest'
import { type Ending, runProgram, type SignalAfter } from './run-program.ts'

const GRACE_MS = 200
const SPELLINGS = ['generators', 'async'] as const
type Spelling = (typeof SPELLINGS)[number]

interface Expected {
  status?: number
  stdout: string
  /** What the library prints to stderr, in this order. */
  reports: readonly RegExp[]
  /** How long it takes at the least, from the first signal on. */
  seconds: number
}

const told = (who: string) =>
  new RegExp(
    `${who} swallows its cancellation: it was cancelled ${GRACE_MS} ms ago, is still running, and is told again`,
  )
const ended = (who: string) =>
  new RegExp(
    `${who} swallows its cancellation: it was told again 3000 ms ago, is still running, and is ended`,
  )

function check(ending: Ending, { status = 130, stdout, reports, seconds }: Expected): void {
  expect(ending.stdout).toBe(stdout)
  expect(ending.status).toBe(status)
  const reported = ending.stderr.match(/^\[polvo\] .*$/gm) ?? []
  expect(reported).toEqual(reports.map((report) => expect.stringMatching(report)))
  expect(ending.seconds).toBeGreaterThan(seconds)
}

function bothSpellings(
  name: string,
  program: string,
  expected: Expected,
  signals: readonly SignalAfter[] = [['SIGINT', 0]],
): void {
  for (const spelling of SPELLINGS) inSpelling(spelling, name, program, expected, signals)
}

function inSpelling(
  spelling: Spelling,
  name: string,
  program: string,
  expected: Expected,
  signals: readonly SignalAfter[] = [['SIGINT', 0]],
): void {
  test.concurrent(`${name} (${spelling})`, async () => {
    check(await runProgram(['stubborn.ts', program, spelling, String(GRACE_MS)], ...signals), expected)
  })
}

const AT_ONCE = 0
/** With the reminder. */
const SOON = 0.19
/** With the end, three seconds after it. */
const AT_LAST = 3.19

describe('after the first signal', { timeout: 30_000 }, () => {
  test.concurrent('a grace period without limit is limited to 5 seconds, and 3', async () => {
    const ending = await runProgram(['stubborn.ts', 'swallows', 'async', 'Infinity'], ['SIGINT', 0])
    expect(ending.stderr).toMatch(/cancelled 5000 ms ago.*told again 3000 ms ago/s)
    expect(ending.seconds).toBeGreaterThan(7.9)
    expect(ending.status).toBe(130)
  })

  bothSpellings('a clean-up within its time is not disturbed', 'cleansUp', {
    stdout: 'cleaned up\nmain gave undefined\n',
    reports: [],
    seconds: AT_ONCE,
  })

  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    bothSpellings(
      `a main task that swallows ${signal} is told again, then ended; the program goes on to its end`,
      'swallows',
      {
        status,
        stdout: 'swallowed\nswallowed\nmain gave undefined\n',
        reports: [told('Task-1'), ended('Task-1')],
        seconds: AT_LAST,
      },
      [[signal, 0]],
    )
  }

  bothSpellings('one that gives in to the reminder has its result, but not the status', 'swallowsTwice', {
    stdout: 'swallowed\nswallowed\ngave in\nmain gave undefined\n',
    reports: [told('Task-1')],
    seconds: SOON,
  })

  bothSpellings('a clean-up that waits for ever is interrupted by the reminder', 'cleansUpForEver', {
    stdout: 'interrupted\nmain gave undefined\n',
    reports: [told('Task-1')],
    seconds: SOON,
  })

  bothSpellings('a clean-up that asked for more time has it', 'asksForTime', {
    stdout: 'uploaded\nmain gave undefined\n',
    reports: [],
    seconds: 0.99,
  })

  bothSpellings('a task that was left behind is told again, then ended', 'leavesAStubbornTask', {
    stdout: 'swallowed\nswallowed\nmain gave undefined\n',
    reports: [told("task 'child'"), ended("task 'child'")],
    seconds: AT_LAST,
  })

  bothSpellings(
    'a task that was left behind is told again without a signal too, though nothing else keeps the process alive',
    'returnsBeforeAStubbornTask',
    { status: 0, stdout: 'interrupted\nmain gave undefined\n', reports: [told("task 'child'")], seconds: 0 },
    [],
  )

  bothSpellings('resources of a body that is ended are closed', 'holdsAResource', {
    stdout: 'opened\nswallowed\nswallowed\nclosed\nmain gave undefined\n',
    reports: [told('Task-1'), ended('Task-1')],
    seconds: AT_LAST,
  })

  bothSpellings('a shield holds it off no longer than that', 'shields', {
    stdout: 'main gave undefined\n',
    reports: [told('Task-1'), ended('Task-1')],
    seconds: AT_LAST,
  })

  inSpelling('async', 'a bare await of a promise that does not settle is ended', 'awaitsAPromise', {
    stdout: 'main gave undefined\n',
    reports: [told('Task-1'), ended('Task-1')],
    seconds: AT_LAST,
  })

  test.concurrent.each(SPELLINGS)('an error in the clean-up is printed once (%s)', async (spelling) => {
    const ending = await runProgram(
      ['stubborn.ts', 'failsInCleanUp', spelling, String(GRACE_MS)],
      ['SIGINT', 0],
    )
    expect(ending.stderr.match(/RangeError: no clean-up/g)).toHaveLength(1)
    expect(ending.status).toBe(130)
  })
})

describe('a second signal', { timeout: 30_000 }, () => {
  const place = { generators: 'running at', async: 'defined at' }

  test.concurrent.each(SPELLINGS)(
    'ends it at once, says which tasks have not stopped, and where; the first one gives the status (%s)',
    async (spelling) => {
      const ending = await runProgram(
        ['stubborn.ts', 'swallows', spelling, String(GRACE_MS)],
        ['SIGINT', 0],
        ['SIGTERM', 100],
      )
      expect(ending.status).toBe(130)
      expect(ending.stdout).toBe('swallowed\n')
      expect(ending.stderr).toMatch(
        new RegExp(
          `SIGTERM again; these tasks have not stopped:\\s+<Task cancelling name='Task-1' coro=<swallows\\(\\) ${place[spelling]} ` +
            `\\S*stubborn\\.ts:\\d+> wait_for=<sleep\\(60000\\)>>`,
        ),
      )
    },
  )

  test.concurrent.each(SPELLINGS)('names the tasks that were left behind as well (%s)', async (spelling) => {
    const ending = await runProgram(
      ['stubborn.ts', 'leavesAStubbornTask', spelling, String(GRACE_MS)],
      ['SIGINT', 0],
      ['SIGINT', 100],
    )
    expect(ending.status).toBe(130)
    expect(ending.stderr).toMatch(/have not stopped:\s+<Task cancelling name='child' coro=<swallows\(\) /)
  })
})
