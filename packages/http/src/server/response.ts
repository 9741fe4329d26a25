/** Responses as handlers return them: a status, a header, and a body that is there as a whole or is written piece by piece. */
import { inspect } from 'node:util'
import { type SerializeOptions, stringifySetCookie } from 'cookie'
import type { Coroutine } from 'polvo'
import { misuse } from 'polvo/lowlevel'
import type { Exchange } from './exchange.ts'
import { checkFieldName, checkFieldValue, type HeaderFields } from './header-fields.ts'
import { reasonFor } from './http-error.ts'

const TYPE = 'content-type'

/** What a response takes beside its body. */
export interface ResponseOptions {
  /** From 200 to 599; by default 200. */
  status?: number | undefined
  /** Fields of the header; a content-type here replaces the usual one. */
  headers?: HeaderFields | undefined
}

/** How long a cookie is kept, and where it is sent to; `maxAge` is in seconds, as in the header. */
export type CookieOptions = Omit<SerializeOptions, 'encode'>

/** A body that is written piece by piece, once the head is sent; or decides itself on the head, as a file does. */
export interface StreamedBody {
  /** Send head and body, in the task of the request. */
  send(exchange: Exchange, response: HttpResponse): Coroutine
  /** The response will not be sent: close what is open. */
  close?(): void
}

/** What a response can have as a body. */
export type ResponseBody = string | Uint8Array | null

/**
 * What a handler returns: `text`, `json`, `html`, `redirect`, `file`, `stream` and `eventStream` make it. It can be changed until it is
 * sent, by middlewares above all, and is sent once.
 */
export class HttpResponse {
  #status: number
  /** Most responses have it, and nothing else: it is not kept in `#fields`. */
  #type: string | null
  /** Names in lower case and values, in turn, as node:http takes them; null where there is none. */
  #fields: string[] | null = null
  /** @internal */
  readonly _body: ResponseBody | StreamedBody

  /** @throws TypeError for what cannot be sent */
  constructor(body: ResponseBody = null, { status = 200, headers }: ResponseOptions = {}) {
    this.#status = status === 200 ? 200 : checkStatus(status)
    this.#type = null
    this._body = body
    if (headers !== undefined) for (const name in headers) this.#setAll(name, headers[name])
  }

  /** @internal With the usual content-type of its kind, null for none. */
  static _of(body: ResponseBody | StreamedBody, type: string | null, options: ResponseOptions): HttpResponse {
    const response = new HttpResponse(body as ResponseBody, options)
    response.#type ??= type
    return response
  }

  #setAll(name: string, value: HeaderFields[string] | undefined): void {
    if (value === undefined) return
    if (!Array.isArray(value)) return void this.setHeader(name, value as string | number)
    for (const one of value) this.appendHeader(name, one as string)
  }

  /** @internal The header as node:http takes it. @param length of the body, in bytes; null where it is not known */
  _head(length: number | null): string[] {
    const type = this.#type
    const fields = this.#fields
    if (fields === null && type !== null && length !== null) {
      return ['content-type', type, 'content-length', String(length)]
    }
    const all = fields === null ? [] : [...fields]
    if (type !== null) all.push('content-type', type)
    if (length !== null && this.#indexOf('content-length', 0) < 0) all.push('content-length', String(length))
    return all
  }

  /** The status, from 200 to 599. @throws RangeError for another */
  get status(): number {
    return this.#status
  }

  set status(status: number) {
    this.#status = checkStatus(status)
  }

  /** Whether the body is written piece by piece. */
  get isStreamed(): boolean {
    return this._body !== null && typeof this._body === 'object' && !(this._body instanceof Uint8Array)
  }

  /** The body, where it is there as a whole; null where there is none, or it is streamed. */
  get body(): ResponseBody {
    return this.isStreamed ? null : (this._body as ResponseBody)
  }

  /** The first value of a field of the header; undefined where there is none. */
  getHeader(name: string): string | undefined {
    return this.getHeaders(name)[0]
  }

  /** All values of a field of the header. */
  getHeaders(name: string): string[] {
    const wanted = name.toLowerCase()
    if (wanted === TYPE) return this.#type === null ? [] : [this.#type]
    const values: string[] = []
    for (let at = this.#indexOf(wanted, 0); at >= 0; at = this.#indexOf(wanted, at + 2)) {
      values.push((this.#fields as string[])[at + 1] as string)
    }
    return values
  }

  /** Set a field of the header, in place of those of its name. @throws TypeError for what cannot be in a header */
  setHeader(name: string, value: string | number): this {
    this.removeHeader(name)
    return this.appendHeader(name, value)
  }

  /** Add a field to the header, beside those of its name. @throws TypeError for what cannot be in a header */
  appendHeader(name: string, value: string | number): this {
    const checked = checkFieldName(name).toLowerCase()
    const text = checkFieldValue(name, value)
    if (checked === TYPE) this.#type = text
    else if (this.#fields === null) this.#fields = [checked, text]
    else this.#fields.push(checked, text)
    return this
  }

  /** Remove a field from the header; nothing happens where there is none. */
  removeHeader(name: string): this {
    const wanted = name.toLowerCase()
    if (wanted === TYPE) this.#type = null
    for (let at = this.#indexOf(wanted, 0); at >= 0; at = this.#indexOf(wanted, at)) {
      this.#fields?.splice(at, 2)
    }
    return this
  }

  #indexOf(name: string, from: number): number {
    const fields = this.#fields
    if (fields === null) return -1
    for (let at = from; at < fields.length; at += 2) if (fields[at] === name) return at
    return -1
  }

  /**
   * Have the client keep a cookie: by default for `/`, out of the reach of scripts (`httpOnly`), and not sent along by other
   * sites' forms (`sameSite: 'lax'`).
   * @throws TypeError for a name or options that cannot be
   */
  setCookie(name: string, value: string, options: CookieOptions = {}): this {
    const cookie = { path: '/', httpOnly: true, sameSite: 'lax' as const, ...options, name, value }
    return this.appendHeader('set-cookie', stringifySetCookie(cookie))
  }

  /** Have the client forget a cookie; `path` and `domain` as it was set with. */
  deleteCookie(name: string, options: Pick<CookieOptions, 'path' | 'domain'> = {}): this {
    return this.setCookie(name, '', { ...options, maxAge: 0, expires: new Date(0) })
  }

  toString(): string {
    return `<HttpResponse ${this.status} ${reasonFor(this.status)}>`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

function checkStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status
  throw misuse(`A response takes a status from 200 to 599, and was given ${String(status)}.`)
}
