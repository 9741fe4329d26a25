/** Trying again: what for, how often, and how long to wait in between. */
import { type Coroutine, isCancelled, sleep } from 'polvo'
import { misuse, outOfRange } from 'polvo/lowlevel'
import { ClientConnectionError, ClientTimeoutError, checkCount } from './errors.ts'
import { isIdempotent } from './exchange.ts'
import type { OutgoingRequest } from './request.ts'
import type { ClientResponse } from './response.ts'
import type { Tracing } from './tracing.ts'

/** When and how a request is tried again. */
export interface RetryOptions {
  /** How often to try, the first time included; by default 3. */
  attempts?: number | undefined
  /** Milliseconds to wait at most before the second attempt, twice as many before each further one; by default 200. */
  delay?: number | undefined
  /** Milliseconds to wait at most, whatever the server asks for; by default 30,000. */
  maxDelay?: number | undefined
  /** The statuses that are worth another try; by default 408, 425, 429, 500, 502, 503, 504. */
  statuses?: readonly number[] | undefined
  /** The methods that may be tried again; by default those that may be repeated: GET, HEAD, OPTIONS, PUT, DELETE, TRACE. */
  methods?: readonly string[] | undefined
}

/** A number of attempts, or all of it; null, or 1, is never. */
export type RetryOption = number | RetryOptions | null

export interface Retries {
  readonly attempts: number
  readonly delay: number
  readonly maxDelay: number
  readonly statuses: ReadonlySet<number>
  readonly methods: ReadonlySet<string> | null
}

const STATUSES = [408, 425, 429, 500, 502, 503, 504]

/** Null for one attempt. @throws TypeError, RangeError */
export function retriesFrom(option: RetryOption | undefined, byDefault: Retries | null): Retries | null {
  if (option === undefined) return byDefault
  if (option === null) return null
  if (typeof option !== 'number' && typeof option !== 'object') {
    throw misuse(`retry takes a number of attempts, options or null, and was given ${typeof option}.`)
  }
  const own = typeof option === 'number' ? { attempts: option } : option
  const attempts = checkCount('retry.attempts', own.attempts ?? 3)
  if (attempts < 1) throw outOfRange(`retry.attempts takes 1 or more, and was given ${attempts}.`)
  if (attempts === 1) return null
  return {
    attempts,
    delay: checkCount('retry.delay', own.delay ?? 200),
    maxDelay: checkCount('retry.maxDelay', own.maxDelay ?? 30_000),
    statuses: new Set(own.statuses ?? STATUSES),
    methods: own.methods === undefined ? null : new Set(own.methods),
  }
}

/**
 * Do `attempt` until it gives something that is not worth another try. What it gives after the last one is
 * the outcome, whatever it is.
 */
export function* retrying(
  outgoing: OutgoingRequest,
  retries: Retries,
  trace: Tracing | null,
  attempt: () => Coroutine<ClientResponse>,
): Coroutine<ClientResponse> {
  for (let made = 1; ; made++) {
    let status = 0
    let wait: number | null
    try {
      const response = yield* attempt()
      status = response.status
      wait = mayRepeat(outgoing, retries, made) ? waitAfterAnswer(response, retries, made) : null
      if (!fits(wait, outgoing)) return response
      yield* dropped(response)
    } catch (error) {
      wait = mayRepeat(outgoing, retries, made) && isPassing(error) ? backoff(retries, made) : null
      if (!fits(wait, outgoing)) throw error
    }
    trace?.tellAnswer('onRequestRetry', outgoing, status)
    yield* sleep(wait as number)
  }
}

function* dropped(response: ClientResponse): Coroutine {
  try {
    yield* response.release()
  } finally {
    response.close() // Where the release was cancelled.
  }
}

function mayRepeat({ method, body }: OutgoingRequest, { methods, attempts }: Retries, made: number): boolean {
  if (made >= attempts || body?.canRepeat === false) return false
  return methods === null ? isIdempotent(method) : methods.has(method)
}

function isPassing(error: unknown): boolean {
  if (isCancelled(error)) return false
  if (error instanceof ClientTimeoutError) return error.limit !== 'total'
  return error instanceof ClientConnectionError
}

/** There is a wait, and it is over before the request is. */
function fits(wait: number | null, { deadline }: OutgoingRequest): boolean {
  return wait !== null && (deadline === null || performance.now() + wait < deadline)
}

/** Null where it is not to be tried again. */
function waitAfterAnswer(response: ClientResponse, retries: Retries, made: number): number | null {
  if (!retries.statuses.has(response.status)) return null
  const asked = retryAfter(response.headers.get('retry-after'))
  if (asked === null) return backoff(retries, made)
  return asked > retries.maxDelay ? null : asked
}

/** Milliseconds that a Retry-After header asks for, in seconds or as a date; null for none. */
export function retryAfter(header: string | null): number | null {
  if (header === null) return null
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}

/** At random, up to twice as long each time: so that many clients do not come back at once. */
function backoff({ delay, maxDelay }: Retries, made: number): number {
  return Math.random() * Math.min(maxDelay, delay * 2 ** (made - 1))
}
