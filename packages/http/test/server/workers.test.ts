// Several processes on one port: they share the requests, are replaced when they crash, and stop together.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ask } from './support/serving.ts'

const program = fileURLToPath(new URL('programs/workers.ts', import.meta.url))

class Crew {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stdout = ''
  stderr = ''

  constructor(mode: string) {
    this.child = spawn(process.execPath, ['--conditions=polvo-source', program, mode])
    this.ended = once(this.child, 'close').then(([status]) => status as number | null)
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
  }

  async until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 15_000
    while (!isSo()) {
      if (performance.now() > deadline) {
        throw new Error(`It did not come to that: ${JSON.stringify([this.stdout, this.stderr])}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async url(): Promise<string> {
    const line = /^Listening on (http:\/\/127\.0\.0\.1:\d+), with 2 workers\. Ctrl\+C stops it\.$/m
    await this.until(() => line.test(this.stdout))
    return (line.exec(this.stdout) as RegExpExecArray)[1] as string
  }

  /** The processes that answer, of a few dozen requests on connections of their own. */
  async answering(url: string): Promise<Set<string>> {
    const headers = { connection: 'close' }
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(url, { headers })))
    return new Set(answers.map(([, pid]) => pid))
  }
}

async function withCrew(mode: string, body: (crew: Crew) => Promise<unknown>): Promise<void> {
  const crew = new Crew(mode)
  try {
    await body(crew)
  } finally {
    crew.child.kill('SIGKILL')
    await crew.ended
  }
}

function isAlive(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0)
  } catch {
    return false
  }
}

describe('runApp with workers', { timeout: 30_000 }, () => {
  test('shares the requests among processes, and stops them together at SIGTERM', () =>
    withCrew('', async (crew) => {
      const url = await crew.url()
      const pids = await crew.answering(url)
      expect(pids.size).toBe(2)
      expect(pids.has(String(crew.child.pid))).toBe(false)
      const slow = ask(`${url}/slow`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      crew.child.kill('SIGTERM')
      expect(await slow).toEqual([200, 'finished'])
      expect(await crew.ended).toBe(143)
      expect(crew.stdout.match(/^closed \d+$/gm)?.sort()).toEqual(
        [...pids].map((pid) => `closed ${pid}`).sort(),
      )
      expect(crew.stderr).toBe('')
    }))

  test('stops gracefully at Ctrl-C in a terminal too, which reaches all processes', () =>
    withCrew('', async (crew) => {
      const url = await crew.url()
      const pids = await crew.answering(url)
      const slow = ask(`${url}/slow`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      for (const pid of pids) process.kill(Number(pid), 'SIGINT')
      crew.child.kill('SIGINT')
      expect(await slow).toEqual([200, 'finished'])
      expect(await crew.ended).toBe(130)
      expect(crew.stderr).toBe('')
    }))

  test('replaces a worker that crashes, after a pause that grows, and says so', () =>
    withCrew('', async (crew) => {
      const url = await crew.url()
      const before = await crew.answering(url)
      const report =
        /Worker \d \(process \d+\) has ended with status 7 after \d+\.\d s; another one starts in (\d+) ms\./g
      const pauses = () => [...crew.stderr.matchAll(report)].map(([, ms]) => Number(ms))
      for (let crashes = 1; crashes <= 3; crashes++) {
        await ask(`${url}/crash`, { headers: { connection: 'close' } }).catch(() => {})
        await crew.until(() => pauses().length === crashes)
        // Without any worker the free port would be given back.
        await expect.poll(async () => (await crew.answering(url)).size, { timeout: 10_000 }).toBe(2)
      }
      expect(pauses()[0]).toBe(100)
      expect(Math.max(...pauses())).toBeGreaterThanOrEqual(200)
      const after = await crew.answering(url)
      expect([...after].filter((pid) => before.has(pid)).length).toBeLessThan(2)
      crew.child.kill('SIGTERM')
      expect(await crew.ended).toBe(143)
    }))

  test('kills a worker that does not stop', () =>
    withCrew('hasty', async (crew) => {
      const url = await crew.url()
      const pids = await crew.answering(url)
      const asked = ask(`${url}/stubborn`).catch(() => 'cut off')
      await new Promise((resolve) => setTimeout(resolve, 200))
      crew.child.kill('SIGTERM')
      expect(await crew.ended).toBe(143)
      expect(await asked).toBe('cut off')
      expect(crew.stderr).toMatch(
        /^\[polvo\] Worker \d \(process \d+\) has not stopped in time, and is killed\.\n$/,
      )
      expect([...pids].filter(isAlive)).toEqual([])
    }))

  test('ends with status 1 where no worker can start, and does not try for ever', () =>
    withCrew('broken', async (crew) => {
      expect(await crew.ended).toBe(1)
      expect(crew.stderr).toContain('no database')
      expect(crew.stderr).toMatch(
        /Worker \d \(process \d+\) has ended with status 1 before all workers listened/,
      )
    }))

  test('leaves no worker behind when the primary is killed', () =>
    withCrew('', async (crew) => {
      const pids = await crew.answering(await crew.url())
      crew.child.kill('SIGKILL')
      await crew.until(() => ![...pids].some(isAlive))
      expect(pids.size).toBe(2)
    }))

  test('refuses what is no number of processes', () =>
    withCrew('none', async (crew) => {
      expect(await crew.ended).not.toBe(0)
      expect(crew.stderr).toContain('workers is a number of processes from 1 on, and was 0')
    }))
})
