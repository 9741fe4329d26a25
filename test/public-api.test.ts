/** What is public is a list: every name in exactly one barrel, and a change of the list is a change of this test's snapshot. */
import { expect, test } from 'vitest'

const barrels = [
  'polvo',
  'polvo/node',
  'polvo/testing',
  'polvo/lowlevel',
  '@polvo/http',
  '@polvo/http/testing',
  '@polvo/postgres',
  '@polvo/postgres/kysely',
  '@polvo/redis',
  '@polvo/threads',
] as const

async function namesOf(barrel: string): Promise<string[]> {
  return Object.keys(await import(/* @vite-ignore */ barrel)).sort()
}

test.each(barrels)('%s exports what it is known to export', async (barrel) => {
  expect(await namesOf(barrel)).toMatchSnapshot()
})

test('no name is exported by two barrels', async () => {
  const names = (await Promise.all(barrels.map(namesOf))).flat()
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})
