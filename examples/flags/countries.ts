/** The country codes: 676 are possible, 194 exist, 20 are the most populous countries. */
import { readFileSync } from 'node:fs'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** The codes with a flag, in order. */
export const ALL_CODES: readonly string[] = readFileSync(
  new URL('country-codes.txt', import.meta.url),
  'utf8',
)
  .split(/\s+/)
  .filter(Boolean)

export const POPULOUS_CODES: readonly string[] =
  'CN IN US ID BR PK NG BD RU JP MX PH VN ET EG DE IR TR CD FR'.split(' ')

/** AA to ZZ. */
export const EVERY_CODE: readonly string[] = [...LETTERS].flatMap(withFirstLetter)

/** BA to BZ for B. */
export function withFirstLetter(letter: string): string[] {
  return [...LETTERS].map((second) => letter + second)
}
