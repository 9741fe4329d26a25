/** A request as it goes out: what the caller asked for, with the session's defaults, ready to be sent. */

import { inspect } from 'node:util'
import { misuse } from 'polvo/lowlevel'
import { acceptEncoding } from './decompress.ts'
import type { RequestInfo } from './errors.ts'
import { type HeaderList, type HeadersLike, hasHeader, headerList, withDefaults } from './headers.ts'
import { type RequestBody, type RequestData, requestBody } from './request-body.ts'
import { type TimeoutOption, type Timeouts, timeoutsFrom } from './timeouts.ts'
import { basicAuth, type Params, publicUrl, resolveUrl, show } from './url.ts'

/** What a request may be given beside its method and URL. What is left out is the session's default. */
export interface RequestOptions {
  /** Added behind the URL's own query; by default nothing. */
  params?: Params | undefined
  /** They replace headers of the session that have the same name. */
  headers?: HeadersLike | undefined
  /** A value to send as JSON; not together with `data`. */
  json?: unknown
  /** A body to send; not together with `json`. By default there is none. */
  data?: RequestData | undefined
  /** Milliseconds for the whole request, several limits, or null for none; by default the session's. */
  timeout?: TimeoutOption | undefined
  /** Throw a ClientResponseError for a status of 400 or more; by default the session's choice. */
  raiseForStatus?: boolean | undefined
  /**
   * Whether to follow redirects, as a browser would: credentials and cookies are not sent to another origin. By
   * default true, but for `head()`.
   */
  allowRedirects?: boolean | undefined
  /** How many redirects to follow before TooManyRedirects is thrown; by default the session's 10. */
  maxRedirects?: number | undefined
  /** false: give a compressed body as it was sent; by default the session's choice. */
  decompress?: boolean | undefined
}

/** What a session adds to its requests. */
export interface RequestDefaults {
  readonly baseUrl: URL | null
  readonly headers: HeaderList
  readonly timeouts: Timeouts
  readonly raiseForStatus: boolean
  readonly maxRedirects: number
  readonly decompress: boolean
}

/** Sent unless the session or the request says otherwise. */
export const standardHeaders: HeaderList = headerList({
  accept: '*/*',
  'accept-encoding': acceptEncoding,
  'user-agent': 'polvo',
})

/** What a request method was given, until the request is awaited. */
export class Draft {
  readonly method: string
  readonly url: string | URL
  readonly options: RequestOptions

  constructor(method: string, url: string | URL, options: RequestOptions) {
    this.method = method
    this.url = url
    this.options = options
  }

  toString(): string {
    return `${this.method} ${show(this.url)}`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

export class OutgoingRequest implements RequestInfo {
  readonly method: string
  readonly target: URL
  readonly headers: HeaderList
  readonly body: RequestBody | null
  readonly timeouts: Timeouts
  /** When `timeouts.total` is over, by `performance.now()`; null for never. */
  readonly deadline: number | null
  readonly decompress: boolean
  #url: string | null = null

  constructor(fields: Omit<OutgoingRequest, 'url'>) {
    this.method = fields.method
    this.target = fields.target
    this.headers = fields.headers
    this.body = fields.body
    this.timeouts = fields.timeouts
    this.deadline = fields.deadline
    this.decompress = fields.decompress
  }

  get url(): string {
    this.#url ??= publicUrl(this.target)
    return this.#url
  }
}

/** @throws InvalidUrl; TypeError, RangeError for options that cannot be */
export function outgoingRequest({ method, url, options }: Draft, defaults: RequestDefaults): OutgoingRequest {
  if (typeof method !== 'string')
    throw misuse(`A request takes the name of a method, and was given ${String(method)}.`)
  const target = resolveUrl(method, url, defaults.baseUrl, options.params)
  const timeouts = timeoutsFrom(options.timeout, defaults.timeouts)
  const body = requestBody(options.json, options.data)
  const own =
    options.headers === undefined
      ? defaults.headers
      : withDefaults(headerList(options.headers), defaults.headers)
  return new OutgoingRequest({
    method,
    target,
    headers: completeHeaders(own, target, body),
    body,
    timeouts,
    deadline: timeouts.total === null ? null : performance.now() + timeouts.total,
    decompress: options.decompress ?? defaults.decompress,
  })
}

/** With what the body and the credentials of the URL ask for, unless it is said otherwise. */
export function completeHeaders(headers: HeaderList, target: URL, body: RequestBody | null): HeaderList {
  const authorization = basicAuth(target)
  if (authorization === null && body === null) return headers
  const list = [...headers]
  if (authorization !== null && !hasHeader(headers, 'authorization'))
    list.push('authorization', authorization)
  if (body !== null && !hasHeader(headers, 'content-type')) list.push('content-type', body.type)
  if (body !== null && body.length !== null && !hasHeader(headers, 'content-length')) {
    list.push('content-length', String(body.length))
  }
  return list
}
