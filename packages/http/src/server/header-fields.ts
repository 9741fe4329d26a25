/** Fields of a response's header as they are given, and what must not be in them: a line break would begin a header of its own. */
import { misuse } from 'polvo/lowlevel'

/** Names and values; a list is sent as several fields of one name. */
export type HeaderFields = Readonly<Record<string, string | number | readonly string[]>>

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/

/** @throws TypeError unless it is the name of a field */
export function checkFieldName(name: string): string {
  if (typeof name === 'string' && TOKEN.test(name)) return name
  throw misuse(
    `${JSON.stringify(name)} is no name of a header field: it takes letters, digits and !#$%&'*+-.^_\`|~.`,
  )
}

/** The value as text. @throws TypeError where it holds what a header cannot, a line break above all */
export function checkFieldValue(name: string, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') {
    throw misuse(`The header field ${name} takes a string or a number, and was given ${typeof value}.`)
  }
  const match = FORBIDDEN.exec(text)
  if (match === null) return text
  throw misuse(
    `The header field ${name} was given ${JSON.stringify(text)}, which has the character ` +
      `${JSON.stringify(match[0])} at ${match.index}: a header takes no line breaks and no characters beyond Latin-1. ` +
      'Encode it, as with encodeURIComponent().',
  )
}
