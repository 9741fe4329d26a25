/** The pictures that the embedded servers serve: real flags, exactly those of the 194 codes. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ALL_CODES } from '../countries.ts'

const folder = join(
  dirname(createRequire(import.meta.url).resolve('svg-country-flags/package.json')),
  'png250px',
)

/** The picture file of each code, in lower case. */
export const PICTURES: ReadonlyMap<string, string> = new Map(
  ALL_CODES.map((code) => code.toLowerCase()).map((code) => [code, join(folder, `${code}.png`)]),
)
