import { expect, test } from 'vitest'
import { EVERY_CODE } from '../../examples/flags/countries.ts'
import { sampleOfCodes } from '../flag-servers.ts'

test('a sample of the codes comes from everywhere among them, and all of them are all', () => {
  expect(sampleOfCodes(8)).toHaveLength(8)
  expect(new Set(sampleOfCodes(8).map((code) => code[0])).size).toBe(8)
  expect(sampleOfCodes(676)).toEqual(EVERY_CODE)
})
