/**
 * Which loaded copy of the library an object belongs to. Two copies in one process are no error, but they do not know each
 * other's objects: a coroutine run by one that awaits something of the other is told so.
 */

/** The key under which objects of the library name their copy. Shared by all copies. */
export const COPY_KEY: unique symbol = Symbol.for('polvo.copy') as never

/** This copy, by where it was loaded from. */
export const thisCopy: string = new URL('..', import.meta.url).href

/** The folder of this copy as it appears in stack traces, be they of paths or of URLs. */
const folder = decodeURI(new URL(thisCopy).pathname).replace(/^\/(?=[A-Z]:)/i, '')

/** Whether a line of a stack trace, or the URL of a script, is in this copy. */
export function isOwnPlace(place: string): boolean {
  return place.replaceAll('\\', '/').includes(folder)
}

/** The copy an object belongs to; undefined where it is no object of any. */
export function copyOf(value: unknown): string | undefined {
  return (value as Record<symbol, string | undefined> | null | undefined)?.[COPY_KEY]
}
