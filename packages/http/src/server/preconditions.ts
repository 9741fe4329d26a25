/** Conditional requests and ranges (RFC 9110, 13 and 14): what of a file the client wants, given what it has. */
import type { IncomingHttpHeaders } from 'node:http'

/** What a client may have, or want a part of. */
export interface Representation {
  /** In quotes. */
  readonly etag: string
  readonly modified: Date
  /** In bytes. */
  readonly size: number
}

/** Bytes from `start` up to and with `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** How to answer: with all of it, a part, or a status without a body. */
export type Selection =
  | { readonly status: 200 | 304 | 412 | 416 }
  | { readonly status: 206; readonly range: ByteRange }

/** What to answer a GET or HEAD with these headers. */
export function select(headers: IncomingHttpHeaders, has: Representation): Selection {
  if (!mayGoOn(headers, has)) return { status: 412 }
  if (isUnchanged(headers, has)) return { status: 304 }
  if (headers.range === undefined || !isSameAsBefore(headers['if-range'], has)) return { status: 200 }
  return rangeOf(headers.range, has.size)
}

function mayGoOn(headers: IncomingHttpHeaders, { etag, modified }: Representation): boolean {
  const match = headers['if-match']
  if (match !== undefined) return match.trim() === '*' || tagsOf(match).includes(etag)
  const since = dateOf(headers['if-unmodified-since'])
  return since === null || seconds(modified) <= since
}

function isUnchanged(headers: IncomingHttpHeaders, { etag, modified }: Representation): boolean {
  const match = headers['if-none-match']
  if (match !== undefined)
    return match.trim() === '*' || tagsOf(match).some((tag) => weak(tag) === weak(etag))
  const since = dateOf(headers['if-modified-since'])
  return since !== null && seconds(modified) <= since
}

/** Whether what the client has a part of is still what is there. */
function isSameAsBefore(ifRange: string | string[] | undefined, { etag, modified }: Representation): boolean {
  if (typeof ifRange !== 'string') return ifRange === undefined
  if (ifRange.startsWith('"')) return ifRange === etag
  return dateOf(ifRange) === seconds(modified)
}

/** Several ranges at once are answered with all of it, as the RFC allows. */
function rangeOf(range: string, size: number): Selection {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return { status: 200 }
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < start) return { status: 200 }
  if (start >= size || (first === '' && Number(last) === 0)) return { status: 416 }
  return { status: 206, range: { start, end } }
}

function tagsOf(list: string): string[] {
  return list.match(/(?:W\/)?"[^"]*"/g) ?? []
}

function weak(tag: string): string {
  return tag.replace(/^W\//, '')
}

/** In whole seconds, as headers have them. */
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function dateOf(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000)
}
