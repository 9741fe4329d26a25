/**
 * Where objects were created, in debug mode: a stack for each is too dear otherwise. What is not recorded costs one look at
 * a boolean.
 */
import { isOwnPlace } from './copy.ts'
import { shorten } from './source-location.ts'

const sites = new WeakMap<object, string>()

/** How many loops are in debug mode. */
let recorders = 0

export function recordCreationSites(on: boolean): void {
  recorders += on ? 1 : -1
}

/** Note that the code outside the library that is on the stack now has created `object`. */
export function noteCreationSite(object: object): void {
  if (recorders === 0) return
  const site = siteOutside()
  if (site !== undefined) sites.set(object, site)
}

/** ` at file:line`, or nothing where that is not known. */
export function creationSite(object: object): string {
  const site = sites.get(object)
  return site === undefined ? '' : ` at ${site}`
}

/** ` created at file:line`, or nothing where that is not known. */
export function createdAt(object: object): string {
  return sites.has(object) ? ` created${creationSite(object)}` : ''
}

/** The innermost line of the stack that is not the library's. */
function siteOutside(): string | undefined {
  const here: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 20
  Error.captureStackTrace?.(here, noteCreationSite)
  Error.stackTraceLimit = limit
  const frames = here.stack?.split('\n').slice(1) ?? []
  const frame = frames.find((line) => !isOwnPlace(line) && /[/\\]/.test(line) && !line.includes('node:'))
  const place = /\(?((?:file:|\/|[A-Z]:\\)[^()]*):(\d+):\d+\)?$/.exec(frame ?? '')
  return place === null ? undefined : `${shorten(place[1] as string)}:${place[2]}`
}
