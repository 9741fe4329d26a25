import { describe, expect, test } from 'vitest'
import { expectTwins } from './programs.ts'
import { serving } from './served.ts'

async function get(url: string): Promise<[number, string]> {
  const response = await fetch(url)
  return [response.status, await response.text()]
}

describe.each(['generator', 'async'])('hello-%s', { timeout: 30_000 }, (spelling) => {
  test('greets by name, and whom it does not know', () =>
    serving(`hello/hello-${spelling}.ts`, async ({ url, stop }) => {
      expect(await get(`${url}/`)).toEqual([200, 'Hello, Anonymous'])
      expect(await get(`${url}/Ada`)).toEqual([200, 'Hello, Ada'])
      expect(await get(`${url}/J%C3%BCrgen%20%3Cb%3E`)).toEqual([200, 'Hello, Jürgen <b>'])
      const slow = get(`${url}/slowly/Ada`)
      await new Promise((resolve) => setTimeout(resolve, 200))
      const { status, stderr } = await stop()
      expect(await slow).toEqual([200, 'Hello at last, Ada'])
      expect([status, stderr]).toEqual([143, ''])
    }))
})

test('the two spellings differ in nothing else', () => expectTwins(expect, 'hello/hello'))
