/** main() in processes of their own: exit statuses, signals, what is printed. */
import { describe, expect, test } from 'vitest'
import { type Ending, runProgram as run, type SignalAfter } from './run-program.ts'

async function runProgram(name: string, ...signals: SignalAfter[]): Promise<Omit<Ending, 'seconds'>> {
  const { status, stdout, stderr } = await run(['main.ts', name], ...signals)
  return { status, stdout, stderr }
}

describe('main()', { timeout: 20_000 }, () => {
  test('ends with 0 when the target returns', async () => {
    expect(await runProgram('returns')).toEqual({ status: 0, stdout: 'done\n', stderr: '' })
  })

  test('prints an error once, and ends with 1', async () => {
    const { status, stderr } = await runProgram('throws')
    expect(status).toBe(1)
    expect(stderr.match(/RangeError: boom/g)).toHaveLength(1)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('cancels on %s, lets the clean-up run, and ends with %i', async (signal, status) => {
    expect(await runProgram('cleansUp', [signal, 0])).toEqual({ status, stdout: 'cleaned up\n', stderr: '' })
  })

  test('waits for the clean-up of the tasks that are left', async () => {
    const ending = await runProgram('cleansUpInChild', ['SIGINT', 0])
    expect(ending).toEqual({ status: 130, stdout: 'child cleaned up\n', stderr: '' })
  })

  test('on a second signal says which task refuses to stop, and where, and ends at once', async () => {
    const { status, stderr } = await runProgram('refuses', ['SIGINT', 0], ['SIGINT', 100])
    expect(status).toBe(130)
    expect(stderr).toMatch(
      /SIGINT again; these tasks have not stopped:\s+<Task cancelling name='Task-1' coro=<refuses\(\) running at \S*main\.ts:\d+> wait_for=<sleep\(60000\)>>/,
    )
  })

  test('ends a task that refuses to stop after 5 and 3 seconds, and names it', async () => {
    const began = performance.now()
    const { status, stdout, stderr } = await runProgram('refuses', ['SIGTERM', 0])
    const seconds = (performance.now() - began) / 1000
    expect(status).toBe(143)
    expect(seconds).toBeGreaterThan(7.9)
    expect(seconds).toBeLessThan(12)
    expect(stdout).toBe('swallowed\nswallowed\n')
    expect(stderr).toMatch(/Task-1 swallows its cancellation: it was cancelled 5000 ms ago/)
    expect(stderr).toMatch(/it was told again 3000 ms ago, is still running, and is ended/)
  })

  test('says so when nothing is left that could wake it', async () => {
    const { status, stderr } = await runProgram('waitsForNothing')
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /Nothing is left to do, but the program still waits:\s+<Task pending .*wait_for=<Future pending>>/,
    )
  })

  test('does not wait for forgotten handles after a signal', async () => {
    const ending = await runProgram('holdsASocket', ['SIGINT', 0])
    expect(ending.status).toBe(130)
  })
})
