import { describe, expect, test } from 'vitest'
import type { Report } from '../jobs/jobs.ts'
import { serving } from './served.ts'

async function ask(url: string, init?: RequestInit): Promise<[number, unknown]> {
  const response = await fetch(url, init)
  return [response.status, await response.json()]
}

function post(url: string, body: unknown): Promise<[number, unknown]> {
  const headers = { 'content-type': 'application/json' }
  return ask(`${url}/jobs`, { method: 'POST', body: JSON.stringify(body), headers })
}

describe('jobs/server', { timeout: 30_000 }, () => {
  test('does jobs behind the requests that ask for them, and cancels them', () =>
    serving('jobs/server.ts', async ({ url, stop }) => {
      expect(await post(url, { text: 'two words' })).toEqual([202, { id: 1, state: 'running', words: 0 }])
      await post(url, { text: 'word '.repeat(1000) })
      await expect
        .poll(async () => (await ask(`${url}/jobs/1`))[1], { timeout: 5000 })
        .toEqual({ id: 1, state: 'done', words: 2 })
      await ask(`${url}/jobs/2`, { method: 'DELETE' })
      await expect
        .poll(async () => ((await ask(`${url}/jobs/2`))[1] as Report).state, { timeout: 5000 })
        .toBe('cancelled')
      const [, all] = await ask(`${url}/jobs`)
      expect((all as Report[]).map(({ id, state }) => `${id} ${state}`)).toEqual(['1 done', '2 cancelled'])
      const { status, stdout, stderr } = await stop()
      expect([status, stderr]).toEqual([143, ''])
      expect(stdout).toContain('Stopped. Jobs cancelled: 1')
    }))

  test('ends with jobs under way, which are cancelled', () =>
    serving('jobs/server.ts', async ({ url, stop }) => {
      await post(url, { text: 'word '.repeat(1000) })
      const { status, stdout } = await stop()
      expect(status).toBe(143)
      expect(stdout).toContain('Stopped. Jobs cancelled: 1')
    }))

  test('says in JSON what it cannot do', () =>
    serving('jobs/server.ts', async ({ url }) => {
      expect(await ask(`${url}/jobs/7`)).toEqual([404, { error: 'There is no job 7.' }])
      expect(await ask(`${url}/nowhere`)).toEqual([404, { error: 'There is nothing at /nowhere.' }])
      expect(await post(url, { words: 3 })).toEqual([422, { error: '"text" is to be a string.' }])
    }))
})
