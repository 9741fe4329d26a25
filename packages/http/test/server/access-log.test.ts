// The access log notes each request when it is over.
import { sleep } from 'polvo'
import { expect, test } from 'vitest'
import type { AccessLogEntry } from '../../src/index.ts'
import { appWith, ask, RawClient, serving, until } from './support/serving.ts'

test('a function is given an entry for each request', async () => {
  const entries: AccessLogEntry[] = []
  const app = appWith((app) => app.post('/a', () => 'hello'), { accessLog: (entry) => entries.push(entry) })
  await serving(app, async ({ url }) => {
    await ask(`${url}/a?x=1`, { method: 'POST', headers: { 'user-agent': 'test' } })
    await ask(`${url}/none`)
    await until(() => entries.length === 2)
    expect(entries.map(({ method, url, status, isComplete }) => [method, url, status, isComplete])).toEqual([
      ['POST', '/a?x=1', 200, true],
      ['GET', '/none', 404, true],
    ])
    const [{ time, remoteAddress, bytes, duration, userAgent }] = entries as [AccessLogEntry]
    expect([remoteAddress, userAgent, time instanceof Date]).toEqual(['127.0.0.1', 'test', true])
    expect(bytes).toBeGreaterThan(100)
    expect(duration).toBeGreaterThanOrEqual(0)
  })
})

test('a client that goes away is noted', async () => {
  const entries: AccessLogEntry[] = []
  const app = appWith((app) => app.get('/', () => sleep(60_000, '')), {
    accessLog: (entry) => entries.push(entry),
  })
  await serving(app, async (served) => {
    const client = (await RawClient.to(served)).get('/')
    await until(() => served.server.requests === 1)
    client.hangUp()
    await until(() => entries.length === 1)
    expect([entries[0]?.status, entries[0]?.isComplete]).toEqual([499, false])
  })
})

test('a stream gets lines, which the client cannot forge', async () => {
  const lines: string[] = []
  const app = appWith((app) => app.get('/', () => ''), { accessLog: { write: (line) => lines.push(line) } })
  await serving(app, async ({ url }) => {
    await ask(url, { headers: { 'user-agent': 'a "quoted" one' } })
    await until(() => lines.length === 1)
    expect(lines[0]).toMatch(/^\S+Z 127\.0\.0\.1 "GET \/" 200 \d+ \d+\.\dms "a \\"quoted\\" one"\n$/)
  })
})
