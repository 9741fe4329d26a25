/**
 * Headers on their way out: a flat list `[name, value, name, value, …]` with names in lower case, as
 * connections take them. Lists are shared between requests and never changed.
 */
import { misuse } from 'polvo/lowlevel'

/**
 * Headers as a request takes them: an object (an array for several headers of a name), entries, or a web
 * `Headers`.
 */
export type HeadersLike =
  | Iterable<readonly [name: string, value: string]>
  | { readonly [name: string]: string | number | readonly string[] | undefined }

export type HeaderList = readonly string[]

/** `headers` as a list. Undefined values are left out. @throws TypeError */
export function headerList(headers: HeadersLike): HeaderList {
  if (typeof headers !== 'object' || headers === null) {
    throw misuse(`headers takes an object, entries or Headers, and was given ${String(headers)}.`)
  }
  const list: string[] = []
  const entries: Iterable<readonly [string, unknown]> =
    Symbol.iterator in headers ? headers : Object.entries(headers)
  for (const [name, value] of entries) {
    if (Array.isArray(value)) for (const one of value) list.push(name.toLowerCase(), String(one))
    else if (value !== undefined) list.push(name.toLowerCase(), String(value))
  }
  return list
}

/** `own`, and those of `defaults` whose name it does not have. */
export function withDefaults(own: HeaderList, defaults: HeaderList): HeaderList {
  if (own.length === 0) return defaults
  const list: string[] = []
  for (let i = 0; i < defaults.length; i += 2) {
    if (!hasHeader(own, defaults[i]!)) list.push(defaults[i]!, defaults[i + 1]!)
  }
  return list.concat(own)
}

export function hasHeader(list: HeaderList, name: string): boolean {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return true
  return false
}

/** One value of a header on its way out: the first where it is there several times. */
export function firstOut(list: HeaderList, name: string): string | undefined {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1]
  return undefined
}

export function withoutHeaders(list: HeaderList, names: ReadonlySet<string>): HeaderList {
  const kept: string[] = []
  for (let i = 0; i < list.length; i += 2) if (!names.has(list[i]!)) kept.push(list[i]!, list[i + 1]!)
  return kept
}

/**
 * The headers of a response as connections give them: names in lower case, an array where a name came several
 * times.
 */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>

/** One value of a response header: the first where it came several times. */
export function firstValue(headers: RawHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

export function toWebHeaders(raw: RawHeaders): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(raw)) {
    if (Array.isArray(value)) for (const one of value) headers.append(name, one)
    else if (value !== undefined) headers.append(name, value)
  }
  return headers
}
