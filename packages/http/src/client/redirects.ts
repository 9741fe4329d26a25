/**
 * Where a redirect leads: the next request, as a browser would send it (Fetch standard, HTTP-redirect fetch).
 */
import { ClientPayloadError, InvalidUrl } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { firstValue, withoutHeaders } from './headers.ts'
import { completeHeaders, OutgoingRequest } from './request.ts'
import { resolveUrl } from './url.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Those that describe a body. */
const BODY_HEADERS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
])

/** Those that are for one server, and no business of another. */
const PRIVATE_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'host',
  'proxy-authorization',
])

/** Where the response redirects to; null where it does not. */
export function locationOf({ status, headers }: Pick<Exchange, 'status' | 'headers'>): string | null {
  return REDIRECTS.has(status) ? (firstValue(headers, 'location') ?? null) : null
}

/**
 * The request that follows when `request` was answered with a redirect.
 * @throws InvalidUrl where it leads nowhere, ClientPayloadError for a body that had to be sent again and
 *   cannot be
 */
export function redirected(request: OutgoingRequest, status: number, location: string): OutgoingRequest {
  const target = targetOf(request, location)
  const method = methodAfter(status, request.method)
  const isSent = method === request.method
  if (isSent && request.body?.canRepeat === false) {
    throw new ClientPayloadError(
      request,
      `redirected with ${status}, and the body had to be sent again, but a streamed one can be read ` +
        'only once. Send it as bytes, ask the final URL, or set allowRedirects: false.',
    )
  }
  const body = isSent ? request.body : null
  let { headers } = request
  if (!isSent) headers = withoutHeaders(headers, BODY_HEADERS)
  const isSameOrigin = target.origin === request.target.origin
  if (!isSameOrigin) headers = withoutHeaders(headers, PRIVATE_HEADERS)
  return new OutgoingRequest({
    ...request,
    method,
    target,
    headers: completeHeaders(headers, target, null),
    cookies: isSameOrigin ? request.cookies : [],
    body,
  })
}

/** Servers send UTF-8 in the header, which is read as Latin-1. */
function targetOf(request: OutgoingRequest, location: string): URL {
  const text = Buffer.from(location, 'latin1').toString()
  try {
    return resolveUrl(request.method, text, request.target, undefined)
  } catch (cause) {
    throw new InvalidUrl(request, `redirected to ${JSON.stringify(text)}, which cannot be asked.`, { cause })
  }
}

function methodAfter(status: number, method: string): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET'
  return status < 303 && method === 'POST' ? 'GET' : method
}
