/**
 * Paths of routes: `/users/:id<int>/files/:rest<path>`. A parameter is `:name`, `:name<type>`, or `:name(regular expression)`. They
 * are checked and taken apart here, once; find-my-way gets its own form of them, and matches.
 */
import { misuse, outOfRange } from 'polvo/lowlevel'

interface ParamType {
  readonly pattern: string
  readonly what: string
  convert?: (text: string) => unknown
}

const HEX = '[0-9A-Fa-f]'
const UUID = [8, 4, 4, 4, 12].map((length) => `${HEX}{${length}}`).join('-')

/** The types of parameters. find-my-way refuses expressions that may take exponential time: none nests repetitions. */
const TYPES: Readonly<Record<string, ParamType>> = {
  str: { pattern: '[^/]+', what: 'text without a slash' },
  int: { pattern: '-?\\d{1,15}', what: 'a whole number', convert: Number },
  float: { pattern: '-?\\d{1,15}\\.?\\d{0,15}', what: 'a number', convert: Number },
  alpha: { pattern: '[A-Za-z]+', what: 'letters' },
  slug: { pattern: '[a-z0-9][a-z0-9-]*', what: 'a slug' },
  date: { pattern: '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])', what: 'a date as 2024-12-31' },
  uuid: { pattern: UUID, what: 'a UUID' },
  path: { pattern: '[^]*', what: 'the rest of the path' },
}

type ValueOf<Type extends string> = Type extends 'int' | 'float' ? number : string

// A parameter's text, from behind its colon up to the next one or the next slash.
type NameIn<Text extends string> = Text extends `${infer Name}<${string}`
  ? Name
  : Text extends `${infer Name}(${string}`
    ? Name
    : Text extends `${infer Name}-${string}`
      ? Name
      : Text extends `${infer Name}.${string}`
        ? Name
        : Text
type TypeIn<Text extends string> = Text extends `${string}<${infer Type}>${string}` ? ValueOf<Type> : string
type InSegment<Segment extends string> = Segment extends `${string}:${infer Param}:${infer Rest}`
  ? { [name in NameIn<Param>]: TypeIn<Param> } & InSegment<`:${Rest}`>
  : Segment extends `${string}:${infer Param}`
    ? { [name in NameIn<Param>]: TypeIn<Param> }
    : unknown
type InPath<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? InSegment<Segment> & InPath<Rest>
  : InSegment<Path>

/** The parameters of a path, by name: numbers for `int` and `float`, strings for the rest. */
export type PathParams<Path extends string> = string extends Path
  ? Readonly<Record<string, string | number>>
  : { readonly [name in keyof InPath<Path>]: InPath<Path>[name] }

/** The parameters of a request, by name. */
export type PathValues = Record<string, unknown>

/** A piece of a path: fixed text, or a parameter. */
type Piece = string | PathParam

export interface PathParam {
  readonly name: string
  readonly type: ParamType
  readonly fits: RegExp
  readonly isRest: boolean
}

const PARAM = /:([A-Za-z_][A-Za-z0-9_]*)(?:<([^>]*)>)?/y

/** A path of a route, taken apart. */
export class PathPattern {
  readonly path: string
  readonly pieces: readonly Piece[]
  readonly params: readonly PathParam[]

  /** @throws TypeError for a path that cannot be */
  constructor(path: string) {
    if (typeof path !== 'string' || !path.startsWith('/')) {
      throw misuse(`A path begins with a slash; ${JSON.stringify(path)} does not.`)
    }
    if (/[?#*\s]/.test(path.replaceAll(/\([^/]*\)/g, ''))) {
      throw misuse(
        `The path ${JSON.stringify(path)} has a character that no path has: for the rest of a path write :name<path>.`,
      )
    }
    this.path = path
    this.pieces = piecesOf(path)
    this.params = this.pieces.filter((piece) => typeof piece !== 'string')
    const names = this.params.map(({ name }) => name)
    const twice = names.find((name, at) => names.indexOf(name) !== at)
    if (twice !== undefined)
      throw misuse(`The path ${JSON.stringify(path)} has the parameter ${twice} twice.`)
  }

  /** What paths of its shape have in common: they share a place in the router. */
  get shape(): string {
    return this.pieces.map((piece) => (typeof piece === 'string' ? piece : piece.isRest ? '*' : ':')).join('')
  }

  /** How many parameters say what they take: who says more is asked first. */
  get strictness(): number {
    return this.params.filter(({ type }) => type !== TYPES.str).length
  }

  /** The parameters of `found`, by their names in this path; null where one does not fit. */
  accept(found: Readonly<Record<string, string>>, names: readonly string[]): PathValues | null {
    const values: PathValues = {}
    for (let i = 0; i < this.params.length; i++) {
      const param = this.params[i] as PathParam
      const text = found[names[i] as string] as string
      if (!param.fits.test(text)) return null
      values[param.name] = param.type.convert === undefined ? text : param.type.convert(text)
    }
    return values
  }

  /** The path with these parameters in it. @throws RangeError, TypeError where one is missing, does not fit or is not known */
  fill(params: Readonly<Record<string, unknown>>): string {
    const known = new Set(this.params.map(({ name }) => name))
    const stranger = Object.keys(params).find((name) => !known.has(name))
    if (stranger !== undefined) {
      throw misuse(`${this.path} has no parameter ${stranger}; it has ${[...known].join(', ') || 'none'}.`)
    }
    return this.pieces
      .map((piece) => (typeof piece === 'string' ? piece : this.#filled(piece, params[piece.name])))
      .join('')
  }

  #filled({ name, type, fits, isRest }: PathParam, value: unknown): string {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : null
    if (text === null || !fits.test(text)) {
      const given = value === undefined ? 'nothing' : JSON.stringify(value)
      throw outOfRange(`The parameter ${name} of ${this.path} takes ${type.what}, and was given ${given}.`)
    }
    return isRest ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text)
  }
}

function piecesOf(path: string): Piece[] {
  const pieces: Piece[] = []
  let fixed = ''
  for (let at = 0; at < path.length; ) {
    if (path[at] !== ':') {
      fixed += path[at++]
      continue
    }
    const { param, end } = paramAt(path, at)
    if (param.isRest && end !== path.length) {
      throw misuse(`The parameter ${param.name} of ${path} takes the rest of the path, so it comes last.`)
    }
    pieces.push(fixed, param)
    fixed = ''
    at = end
  }
  return [...pieces, fixed].filter((piece) => piece !== '')
}

function paramAt(path: string, at: number): { param: PathParam; end: number } {
  PARAM.lastIndex = at
  const match = PARAM.exec(path)
  if (match === null) {
    throw misuse(
      `A colon in a path begins a parameter, as in /users/:id; in ${JSON.stringify(path)} it does not.`,
    )
  }
  const [text, name, typeName] = match as unknown as [string, string, string | undefined]
  const end = at + text.length
  if (typeName === undefined && path[end] === '(') {
    const close = closingParenthesis(path, end)
    const pattern = path.slice(end + 1, close)
    const type = { pattern, what: `what matches ${pattern}` }
    return { param: paramOf(path, name, type), end: close + 1 }
  }
  const type = TYPES[typeName ?? 'str']
  if (type === undefined) {
    throw misuse(
      `The parameter ${name} of ${path} is of the type ${typeName}, which there is not: ` +
        `there are ${Object.keys(TYPES).join(', ')}, and regular expressions as in :${name}([a-z]+).`,
    )
  }
  return { param: paramOf(path, name, type), end }
}

function paramOf(path: string, name: string, type: ParamType): PathParam {
  try {
    return { name, type, fits: new RegExp(`^(?:${type.pattern})$`), isRest: type === TYPES.path }
  } catch (cause) {
    throw misuse(`The parameter ${name} of ${path} has no valid regular expression: ${type.pattern}.`, {
      cause,
    })
  }
}

function closingParenthesis(path: string, open: number): number {
  let depth = 0
  for (let at = open; at < path.length; at++) {
    if (path[at] === '\\') at++
    else if (path[at] === '(') depth++
    else if (path[at] === ')' && --depth === 0) return at
  }
  throw misuse(`The path ${JSON.stringify(path)} has a parenthesis that is not closed.`)
}

/**
 * The language of find-my-way for paths of one shape: a parameter takes what any of them takes there.
 * @param names what to call the parameters
 */
export function forRouter(patterns: readonly PathPattern[], names: readonly string[]): string {
  const [{ pieces }] = patterns as readonly [PathPattern]
  let index = 0
  return pieces
    .map((piece, at) => {
      if (typeof piece === 'string') return piece
      const types = new Set(patterns.map(({ params }) => (params[index] as PathParam).type))
      const name = names[index++] as string
      if (piece.isRest) return '*'
      const isDelimited = /^(?:[/.-]|$)/.test((pieces[at + 1] as string | undefined) ?? '')
      if (types.has(TYPES.str as ParamType) && isDelimited) return `:${name}`
      return `:${name}(^(?:${[...types].map(({ pattern }) => pattern).join('|')})$)`
    })
    .join('')
}
