/** The Redis examples against a server of their own: what they print, and that no job is lost when a worker crashes. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  describeRedis,
  type RedisServer,
  startServer,
  until,
} from '../../packages/redis/test/support/server.ts'
import { expectTwins, runExample } from './programs.ts'

test('the programs are the same in both spellings', () => {
  expectTwins(expect, 'redis/hello')
  expectTwins(expect, 'redis/worker')
})

/** A worker in a process of its own. */
function startWorker(spelling: string, url: string, name: string) {
  const path = fileURLToPath(new URL(`../redis/worker-${spelling}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=polvo-source', path, url, name], {
    env: { ...process.env, CLAIM_AFTER: '300' },
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const status = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), status, printed: () => printed }
}

describeRedis.each(['generator', 'async'])('the Redis examples in %s', (spelling) => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startServer()
  })
  beforeEach(() => {
    server.cli('flushall')
  })
  afterAll(() => server.stop())

  test('set and get, and leave in order', async () => {
    const ending = await runExample(`redis/hello-${spelling}.ts`, [server.url])
    expect(ending).toEqual({
      status: 0,
      stdout: 'Hello, Redis!\ngreeting number 1, of 13 bytes\nevery socket is closed\n',
      stderr: '',
    })
    expect(server.clients()).toBe(0)
  })

  test('jobs of a worker that crashes are done by another, and a worker stops in order', {
    timeout: 30_000,
  }, async () => {
    const crashing = startWorker(spelling, server.url, 'ida')
    const added = await runExample('redis/add-jobs.ts', [server.url, '6', '400'])
    expect(added.stdout).toBe('6 jobs were added\n')
    await until(() => crashing.printed().includes('job 4 begins'), crashing.printed, 10_000)
    crashing.kill('SIGKILL')
    await crashing.status
    expect(crashing.printed()).not.toContain('done')

    const other = startWorker(spelling, server.url, 'bob')
    const isDone = (job: number) => other.printed().includes(`job ${job} is done`)
    await until(() => [1, 2, 3, 4, 5, 6].every(isDone), other.printed, 10_000)
    await runExample('redis/add-jobs.ts', [server.url, '1', '300'])
    await until(() => other.printed().split('job 1 begins').length === 3, other.printed, 10_000)
    other.kill('SIGTERM')
    expect(await other.status).toBe(0)
    expect(other.printed().trim().split('\n').slice(-2)).toEqual(['job 1 is done', 'bob has stopped'])
    expect(server.cli('xpending', 'jobs', 'workers').split('\n')[0]).toBe('0')
  })
})
