/** A request as it goes out: what the caller asked for, with the session's defaults, ready to be sent. */

import { inspect } from 'node:util'
import { misuse } from 'polvo/lowlevel'
import { authorizationOf, type BasicAuth } from './auth.ts'
import { compressed } from './compress.ts'
import { type Cookies, cookiePairs } from './cookies.ts'
import { acceptEncoding, type Coding } from './decompress.ts'
import type { RequestInfo } from './errors.ts'
import { type HeaderList, type HeadersLike, hasHeader, headerList, withDefaults } from './headers.ts'
import { type RequestBody, type RequestData, requestBody } from './request-body.ts'
import type { RetryOption } from './retries.ts'
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
  /** false: nothing; true: gzip, or another coding to compress the body with. By default it is sent as it is. */
  compress?: Coding | boolean | undefined
  /** Sent beside those of the session and its jar, which they replace by name. */
  cookies?: Cookies | undefined
  /** Name and password, for basic authentication; by default those of the URL, or of the session. */
  auth?: BasicAuth | undefined
  /** The http or https URL of a proxy, with its credentials; null for none. By default the session's. */
  proxy?: string | URL | null | undefined
  /** How often to try, or when and how to try again; by default the session's choice. */
  retry?: RetryOption | undefined
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
  readonly cookies: readonly string[]
  /** The value of an Authorization header; null for none. */
  readonly authorization: string | null
  readonly serializeJson: (value: unknown) => string | undefined
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
  /** Its own cookies, as in a Cookie header; those of the jar are not there yet. */
  readonly cookies: readonly string[]
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
    this.cookies = fields.cookies
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
  const plain = requestBody(options.json, options.data, defaults.serializeJson)
  const body = plain === null || !options.compress ? plain : compressed(plain, options.compress)
  const own =
    options.headers === undefined
      ? defaults.headers
      : withDefaults(headerList(options.headers), defaults.headers)
  return new OutgoingRequest({
    method,
    target,
    headers: completeHeaders(own, target, body, authorizationFor(target, options.auth, defaults)),
    cookies: cookiesFor(target, options.cookies, defaults),
    body,
    timeouts,
    deadline: timeouts.total === null ? null : performance.now() + timeouts.total,
    decompress: options.decompress ?? defaults.decompress,
  })
}

/** What a session with a baseUrl keeps for itself goes to no other server. */
function isForSession({ origin }: URL, { baseUrl }: RequestDefaults): boolean {
  return baseUrl === null || baseUrl.origin === origin
}

function authorizationFor(
  target: URL,
  auth: BasicAuth | undefined,
  defaults: RequestDefaults,
): string | null {
  if (auth !== undefined) return authorizationOf(auth)
  if (defaults.authorization === null) return null
  return basicAuth(target) === null && isForSession(target, defaults) ? defaults.authorization : null
}

const none: readonly string[] = []

function cookiesFor(target: URL, own: Cookies | undefined, defaults: RequestDefaults): readonly string[] {
  const hasShared = defaults.cookies.length > 0 && isForSession(target, defaults)
  const shared = hasShared ? defaults.cookies : none
  return own === undefined ? shared : [...shared, ...cookiePairs(own)]
}

/** With what the body and the credentials of the URL ask for, unless it is said otherwise. */
export function completeHeaders(
  headers: HeaderList,
  target: URL,
  body: RequestBody | null,
  given: string | null = null,
): HeaderList {
  const authorization = given ?? basicAuth(target)
  if (authorization === null && body === null) return headers
  const list = [...headers]
  if (authorization !== null && !hasHeader(headers, 'authorization'))
    list.push('authorization', authorization)
  if (body === null) return list
  if (!hasHeader(headers, 'content-type')) list.push('content-type', body.type)
  if (body.coding !== null) list.push('content-encoding', body.coding)
  if (body.length !== null && !hasHeader(headers, 'content-length')) {
    list.push('content-length', String(body.length))
  }
  return list
}
