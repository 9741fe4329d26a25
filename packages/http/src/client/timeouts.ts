/**
 * The time limits of a request. They are measured in real time, as the network's answers are, also under a
 * virtual clock.
 */
import { misuse, outOfRange } from 'polvo/lowlevel'
import type { TimeoutLimit } from './errors.ts'

/**
 * Limits in milliseconds of real time, each more than 0; null is no limit. One that is over throws
 * ClientTimeoutError.
 */
export interface ClientTimeout {
  /**
   * For the whole request: waiting for a connection, redirects, and the body to its end. By default 300,000
   * (5 minutes).
   */
  total?: number | null | undefined
  /** For having a connection, with waiting in the pool's line. By default none. */
  connect?: number | null | undefined
  /** For making a connection, TLS and proxies included, where one has to be made. By default none. */
  socketConnect?: number | null | undefined
  /**
   * For each wait for the server to send more, beginning when the request was sent; it stands still while
   * nobody reads the body. By default none.
   */
  read?: number | null | undefined
}

/**
 * A number is the total; null is no limit at all. What is left out is as before: the session's, or the
 * default.
 */
export type TimeoutOption = number | null | ClientTimeout

export type Timeouts = Readonly<Record<TimeoutLimit, number | null>>

export const defaultTimeouts: Timeouts = { total: 300_000, connect: null, socketConnect: null, read: null }
const noTimeouts: Timeouts = { total: null, connect: null, socketConnect: null, read: null }

/** Timers of the host hold no more; it is 24 days. */
export const MAX_MS = 2 ** 31 - 1

/** @throws TypeError, RangeError where `option` is none. */
export function timeoutsFrom(option: TimeoutOption | undefined, defaults: Timeouts): Timeouts {
  if (option === undefined) return defaults
  if (option === null) return noTimeouts
  const own = typeof option === 'object' ? option : { total: option }
  return {
    total: limitFrom('total', own.total, defaults.total),
    connect: limitFrom('connect', own.connect, defaults.connect),
    socketConnect: limitFrom('socketConnect', own.socketConnect, defaults.socketConnect),
    read: limitFrom('read', own.read, defaults.read),
  }
}

function limitFrom(name: string, ms: unknown, byDefault: number | null): number | null {
  if (ms === undefined) return byDefault
  if (ms === null) return null
  if (typeof ms !== 'number')
    throw misuse(`timeout.${name} takes milliseconds or null, and was given ${typeof ms}.`)
  if (!(ms > 0))
    throw outOfRange(
      `timeout.${name} takes more than 0 milliseconds, or null for no limit; it was given ${ms}.`,
    )
  return ms > MAX_MS ? null : ms
}
