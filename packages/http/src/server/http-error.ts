/**
 * Errors that are responses: a handler throws one, and its status, headers and message are what the client gets. Those that are
 * about a wrong use of the library are TypeErrors, and give a 500.
 */
import { STATUS_CODES } from 'node:http'
import { misuse } from 'polvo/lowlevel'
import type { HeaderFields } from './header-fields.ts'

/** What an HttpError takes beside its message. */
export interface HttpErrorOptions {
  /** Sent with the response. */
  headers?: HeaderFields | undefined
  /** What it comes from. It is shown to the client in debug mode only. */
  cause?: unknown
}

/**
 * An error that is sent as a response of its status, 400 to 599. The message is shown to the client.
 *
 *     throw new HttpError(418, 'This is a teapot')
 */
export class HttpError extends Error {
  /** The same for all of them; their `status` tells them apart. */
  readonly code = 'POLVO_HTTP_STATUS'
  /** The status of the response. */
  readonly status: number
  /** Sent with the response. */
  readonly headers: HeaderFields

  /** @throws TypeError for a status that is not one of an error */
  constructor(status: number, message?: string, { headers = {}, cause }: HttpErrorOptions = {}) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw misuse(`An HttpError takes a status from 400 to 599, and was given ${String(status)}.`)
    }
    super(message ?? reasonFor(status), cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.status = status
    this.headers = headers
  }
}

/** The reason phrase of a status, `Not Found`. */
export function reasonFor(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown Status'
}

/** 400: the request cannot be understood. */
export class HttpBadRequest extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(400, message, options)
  }
}

/** 401: who asks is not known. Give the header `www-authenticate`. */
export class HttpUnauthorized extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(401, message, options)
  }
}

/** 403: who asks may not. */
export class HttpForbidden extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(403, message, options)
  }
}

/** 404: there is no such thing. */
export class HttpNotFound extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(404, message, options)
  }
}

/** 405: it is there, but for other methods, which the header `allow` lists. */
export class HttpMethodNotAllowed extends HttpError {
  /** What can be asked here. */
  readonly allowed: readonly string[]

  constructor(method: string, allowed: readonly string[], options: HttpErrorOptions = {}) {
    super(
      405,
      `${method} is not allowed here; ${allowed.join(', ')} ${allowed.length === 1 ? 'is' : 'are'}.`,
      {
        ...options,
        headers: { ...options.headers, allow: allowed.join(', ') },
      },
    )
    this.allowed = allowed
  }
}

/** 409: it does not fit what is there. */
export class HttpConflict extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(409, message, options)
  }
}

/** 413: the body is larger than the server takes. */
export class HttpPayloadTooLarge extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(413, message, options)
  }
}

/** 415: the body is of a type that is not taken here. */
export class HttpUnsupportedMediaType extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(415, message, options)
  }
}

/** 422: the body is well-formed, and its content cannot be right. */
export class HttpUnprocessable extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(422, message, options)
  }
}

/** 429: too many requests. Give the header `retry-after`, in seconds. */
export class HttpTooManyRequests extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(429, message, options)
  }
}

/** 500: the server has failed. */
export class HttpInternalServerError extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(500, message, options)
  }
}

/** 503: the server cannot answer now: a limit of time is over, or it is stopping. */
export class HttpServiceUnavailable extends HttpError {
  constructor(message?: string, options?: HttpErrorOptions) {
    super(503, message, options)
  }
}

/**
 * The client has gone away, or its body broke off: reads of the body and writes of the response throw it. Nobody is there to be
 * answered, so it is not reported.
 */
export class ClientDisconnected extends Error {
  /** Stable. */
  readonly code = 'POLVO_HTTP_DISCONNECTED'

  constructor(what: string, options?: ErrorOptions) {
    super(`${what}: the client has gone away.`, options)
    this.name = new.target.name
  }
}
