/** The usual responses, and what a handler may return in their place. */

import { misuse } from 'polvo/lowlevel'
import { isJsonable, showKind } from './describe.ts'
import { HttpResponse, type ResponseOptions } from './response.ts'
import { streamOf } from './stream-body.ts'

export const TEXT = 'text/plain; charset=utf-8'
const HTML = 'text/html; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

/** A response of plain text. @throws TypeError for what cannot be sent */
export function text(body: string, options: ResponseOptions = NONE): HttpResponse {
  return HttpResponse._of(checkText('text()', body), TEXT, options)
}

/** A response of HTML. What comes from elsewhere is to be escaped, with `escapeHtml`. @throws TypeError for what cannot be sent */
export function html(body: string, options: ResponseOptions = NONE): HttpResponse {
  return HttpResponse._of(checkText('html()', body), HTML, options)
}

/** A response of JSON. @throws TypeError for what JSON cannot say, or cannot be sent */
export function json(value: unknown, options: ResponseOptions = NONE): HttpResponse {
  const body = JSON.stringify(value) as string | undefined
  if (body === undefined) throw misuse(`json() takes what JSON can say, and was given ${showKind(value)}.`)
  return HttpResponse._of(body, JSON_TYPE, options)
}

/** A response of bytes, `application/octet-stream` unless the options say otherwise. */
export function bytes(body: Uint8Array, options: ResponseOptions = NONE): HttpResponse {
  return HttpResponse._of(body, 'application/octet-stream', options)
}

/**
 * Send the client elsewhere, by 302 unless the options say otherwise. An address from outside is to be checked before: it may lead to
 * another site.
 * @throws TypeError for what cannot be in a header
 */
export function redirect(location: string | URL, options: ResponseOptions = NONE): HttpResponse {
  const response = new HttpResponse(null, { status: 302, ...options })
  return response.setHeader('location', encodedLocation(String(location)))
}

/** With what no header can hold escaped; line breaks are left, to be refused. */
function encodedLocation(location: string): string {
  return location.replaceAll(/\P{ASCII}+/gu, encodeURIComponent)
}

const NONE: ResponseOptions = {}

function checkText(taker: string, body: unknown): string {
  if (typeof body === 'string') return body
  throw misuse(`${taker} takes a string, and was given ${showKind(body)}.`)
}

/**
 * The response that `returned` stands for: text for a string, JSON for a plain object or an array, bytes, a web Response as it is.
 * @throws TypeError for anything else
 */
export function toResponse(returned: unknown): HttpResponse {
  if (returned instanceof HttpResponse) return returned
  if (typeof returned === 'string') return HttpResponse._of(returned, TEXT, NONE)
  if (returned instanceof Uint8Array) return bytes(returned)
  if (returned instanceof Response) return fromWeb(returned)
  if (isJsonable(returned)) return json(returned)
  throw misuse(
    `A handler returned ${showKind(returned)}: it returns a response as of text(), json() or file(), a string, bytes, ` +
      'a plain object or array, or a web Response.',
  )
}

function fromWeb(response: Response): HttpResponse {
  const { status, body } = response
  const own = HttpResponse._of(body === null ? null : streamOf(body), null, { status })
  for (const [name, value] of response.headers) own.appendHeader(name, value)
  return own
}
