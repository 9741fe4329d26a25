/**
 * How values come out of the database. pg's own rules, but for three where they lose something:
 *
 * | type             | here             | pg        | because                                                    |
 * |------------------|------------------|-----------|------------------------------------------------------------|
 * | int8 (bigint)    | bigint           | text      | it is a number, and exact                                  |
 * | date             | 'YYYY-MM-DD'     | Date      | a day is no moment: midnight is another day further west   |
 * | their arrays     | arrays of these  |           |                                                            |
 *
 * numeric is text, as no number of JavaScript holds it; json and jsonb are parsed; timestamptz is a Date (in milliseconds),
 * timestamp too, read in the zone of the process; bytea is a Buffer; arrays are arrays.
 */
import pg from 'pg'

/** Turns the text of a value into what the program gets. */
export type TypeParser = (text: string) => unknown

/** Parsers by the number of the type (`select oid from pg_type where typname = …`), before those of this package. */
export type TypeParsers = Readonly<Record<number, TypeParser>>

type ArrayParser = { create(text: string, parse: TypeParser): { parse(): unknown } }
const { arrayParser } = pg.types as unknown as { arrayParser: ArrayParser }

const arrayOf =
  (parse: TypeParser): TypeParser =>
  (text) =>
    arrayParser.create(text, parse).parse()

const text: TypeParser = (value) => value

const own: TypeParsers = {
  20: BigInt, // int8
  1016: arrayOf(BigInt), // int8[]
  1082: text, // date
  1182: arrayOf(text), // date[]
}

/** @internal What pg is to be told of types. */
export function typesWith(parsers: TypeParsers): { getTypeParser: typeof pg.types.getTypeParser } {
  const all: TypeParsers = { ...own, ...parsers }
  const getTypeParser = (oid: number, format?: 'text' | 'binary') =>
    format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : (all[oid] ?? pg.types.getTypeParser(oid))
  return { getTypeParser: getTypeParser as typeof pg.types.getTypeParser }
}
