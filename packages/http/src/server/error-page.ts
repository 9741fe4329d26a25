/** What the client is told of an error: its status and message; in debug mode where it comes from. As JSON, HTML or text, as it asks. */
import { inspect } from 'node:util'
import { HttpError, reasonFor } from './http-error.ts'
import { HttpResponse } from './response.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it is written in HTML, also between quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string)
}

/**
 * The response for an error that nobody has handled.
 * @param accept what the client takes
 * @param isDebug whether it is told where the error comes from
 */
export function errorResponse(error: unknown, accept: string, isDebug: boolean): HttpResponse {
  const isKnown = error instanceof HttpError
  const status = isKnown ? error.status : 500
  const message = isKnown ? error.message : reasonFor(500)
  const details = isDebug && status >= 500 ? inspect(error) : null
  const response = inWords(accept, status, message, details)
  if (isKnown) for (const [name, value] of fieldsOf(error)) response.appendHeader(name, value)
  return response.setHeader('x-content-type-options', 'nosniff')
}

function* fieldsOf({ headers }: HttpError): Iterable<[string, string | number]> {
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'object') for (const one of value) yield [name, one]
    else yield [name, value]
  }
}

function inWords(accept: string, status: number, message: string, details: string | null): HttpResponse {
  if (/\bjson\b/.test(accept)) {
    const body = { error: message, status, ...(details !== null && { details }) }
    return HttpResponse._of(JSON.stringify(body), 'application/json; charset=utf-8', { status })
  }
  if (/\bhtml\b/.test(accept)) {
    const title = escapeHtml(`${status} ${reasonFor(status)}`)
    const why = details === null ? '' : `<pre>${escapeHtml(details)}</pre>`
    const page = `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${escapeHtml(message)}</p>${why}\n`
    return HttpResponse._of(page, 'text/html; charset=utf-8', { status })
  }
  const words = details === null ? message : `${message}\n\n${details}`
  return HttpResponse._of(`${status} ${words}\n`, 'text/plain; charset=utf-8', { status })
}
