/** URLs: what a request asks for, and how it is shown. */
import { type ClientError, InvalidUrl } from './errors.ts'

/** A value in a query, sent as `String(value)` and escaped. */
export type ParamValue = string | number | bigint | boolean

/**
 * What is added to the query: an object (an array for a name that comes several times), URLSearchParams, or
 * entries.
 */
export type Params =
  | Iterable<readonly [name: string, value: ParamValue]>
  | { readonly [name: string]: ParamValue | readonly ParamValue[] | null | undefined }

/** The URL to ask: `url`, seen from `base`, with `params` behind its own query. @throws InvalidUrl */
export function resolveUrl(
  method: string,
  url: string | URL,
  base: URL | null,
  params: Params | undefined,
): URL {
  const resolved = URL.parse(String(url), base?.href)
  if (resolved === null) throw invalidUrl(method, url, base)
  if (!isHttp(resolved)) {
    const scheme = JSON.stringify(resolved.protocol.slice(0, -1))
    throw new InvalidUrl({ method, url: show(url) }, `its scheme is ${scheme}; use http or https.`)
  }
  if (params !== undefined) addParams(resolved, params)
  return resolved
}

export function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

function invalidUrl(method: string, url: unknown, base: URL | null): ClientError {
  const isRelative = base === null && typeof url === 'string' && !url.includes('://')
  const advice = isRelative ? 'it is relative, and the session has no baseUrl.' : 'it is not a URL.'
  return new InvalidUrl({ method, url: show(url) }, advice)
}

/** The URL's own query is left as it is written: another spelling may be another resource to the server. */
function addParams(url: URL, params: Params): void {
  const added = new URLSearchParams()
  for (const [name, value] of Symbol.iterator in params ? params : Object.entries(params)) {
    if (Array.isArray(value)) for (const one of value) added.append(name, String(one))
    else if (value !== undefined && value !== null) added.append(name, String(value))
  }
  const query = added.toString()
  if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`
}

/** As it is shown in errors and as `response.url`: without credentials and fragment. */
export function publicUrl(url: URL): string {
  if (url.username === '' && url.password === '' && url.hash === '') return url.href
  const shown = new URL(url)
  shown.username = shown.password = shown.hash = ''
  return shown.href
}

/** As it was given, without credentials, for one that could not be parsed or was not looked at yet. */
export function show(url: unknown): string {
  return String(url).replace(/\/\/[^/?#]*@/, '//')
}

/** The value of an Authorization header for the credentials of a URL, null where it has none. */
export function basicAuth({ username, password }: URL): string | null {
  if (username === '' && password === '') return null
  const credentials = `${decode(username)}:${decode(password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

/** A `%` that escapes nothing stands for itself. */
function decode(text: string): string {
  return text.replace(/(%[\da-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  )
}
