/**
 * Which fault strikes which exchange. The proxy draws once for each; relay.ts carries out what was drawn.
 * Invariant: the fault of the n-th exchange depends on the seed, n and the list of faults, and on nothing else (but for transient
 * faults, which remember what they struck). Prior art: vaurien's behaviours, `25:error,50:delay`.
 */
import { checkInteger, checkNumber, MAX_TIMER, show } from './arguments.ts'

/** What can befall a request (http) or a connection (tcp). */
export type FaultAction =
  /** http only: answered with `status` (400–599) once its body has been read; the target is not asked. */
  | { readonly kind: 'error'; readonly status: number }
  /** Held for `ms`, or for a time drawn evenly from `[min, max]`, before the target is asked. */
  | { readonly kind: 'delay'; readonly ms: number | readonly [min: number, max: number] }
  /** Accepted and never answered; what the client sends is read and dropped. */
  | { readonly kind: 'hang' }
  /** The client's connection is reset (RST). */
  | { readonly kind: 'blackout' }
  /** Both directions, each on its own, run at `bytesPerSecond`: request and response with their heads. */
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }

/**
 * A fault that passes: `fault` strikes the first `failures` draws of it that share a key, later ones are left alone. The
 * key is method and path in http; in tcp all connections share one.
 */
export interface TransientFault {
  /** Tells it from the faults that stay. */
  readonly kind: 'transient'
  /** How many draws of one key it strikes; an integer of 1 or more, by default 1. */
  readonly failures?: number
  /** What it strikes with; by default a 503 in http and a blackout in tcp. */
  readonly fault?: FaultAction
}

/** One alternative of the draw; `probability` is its share of all requests (http) or connections (tcp), 0 to 1. */
export type Fault = (FaultAction | TransientFault) & { readonly probability: number }

/** What befalls one exchange; null leaves it alone. */
export type Strike =
  | { readonly kind: 'error'; readonly status: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'blackout' }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }

/** The kinds of faults, as records and statistics name them. */
export type FaultKind = Strike['kind'] | 'transient'

/** Chooses among the alternatives: one draw per request, and a second number for what ranges over an interval. */
export class Draw {
  readonly #seed: number
  readonly #faults: readonly Fault[]
  readonly #byDefault: FaultAction
  /** How often each transient fault has struck each key. */
  readonly #failures = new Map<TransientFault, Map<string, number>>()

  constructor(seed: number, protocol: 'tcp' | 'http', faults: readonly Fault[]) {
    this.#seed = seed
    this.#faults = [...faults]
    this.#byDefault = protocol === 'http' ? { kind: 'error', status: 503 } : { kind: 'blackout' }
  }

  next(number: number, key: string): [FaultKind, Strike] | [null, null] {
    const fault = this.#pick(uniform(this.#seed, number, 0))
    if (fault === undefined || (fault.kind === 'transient' && this.#hasPassed(fault, key)))
      return [null, null]
    const action = fault.kind === 'transient' ? (fault.fault ?? this.#byDefault) : fault
    if (action.kind !== 'delay') return [fault.kind, action]
    const [min, max] = typeof action.ms === 'number' ? [action.ms, action.ms] : action.ms
    return [fault.kind, { kind: 'delay', ms: min + (max - min) * uniform(this.#seed, number, 1) }]
  }

  #pick(point: number): Fault | undefined {
    let end = 0
    return this.#faults.find((fault) => {
      end += fault.probability
      return point < end
    })
  }

  #hasPassed(fault: TransientFault, key: string): boolean {
    const counts = this.#failures.get(fault) ?? new Map<string, number>()
    const failures = counts.get(key) ?? 0
    if (failures >= (fault.failures ?? 1)) return true
    this.#failures.set(fault, counts.set(key, failures + 1))
    return false
  }
}

/**
 * A number in [0, 1) that depends on its arguments alone. The obvious stream of random numbers would let a range
 * delay, or a change of faults, shift the draws of all later requests.
 */
function uniform(seed: number, number: number, lane: number): number {
  let hash = 0
  for (const part of [seed, Math.floor(seed / 2 ** 32), number, lane]) {
    hash = (hash + part + 0x9e3779b9) | 0
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return (hash >>> 0) / 2 ** 32
}

/** @throws TypeError or RangeError that names what is wrong */
export function checkFaults(faults: readonly Fault[], protocol: 'tcp' | 'http'): void {
  let sum = 0
  for (const [index, fault] of faults.entries()) {
    const where = `faults[${index}]`
    checkNumber(`${where}.probability`, fault.probability, 0, 1)
    sum += fault.probability
    if (fault.kind !== 'transient') {
      checkAction(where, fault, protocol)
      continue
    }
    if (fault.failures !== undefined) {
      checkInteger(`${where}.failures`, fault.failures, 1, Number.MAX_SAFE_INTEGER)
    }
    if (fault.fault !== undefined) checkAction(`${where}.fault`, fault.fault, protocol)
  }
  // Ten times 0.1 is a little more than 1.
  if (sum > 1 + 1e-9) {
    const advice = 'they are alternatives of one draw, lower them so that the sum is at most 1'
    throw new RangeError(`the probabilities of the faults sum to ${Number(sum.toFixed(9))}: ${advice}`)
  }
}

function checkAction(where: string, action: FaultAction, protocol: 'tcp' | 'http'): void {
  switch (action.kind) {
    case 'error':
      checkInteger(`${where}.status`, action.status, 400, 599)
      if (protocol === 'http') return
      throw new TypeError(`${where} is an 'error' fault in tcp: use protocol: 'http', or a 'blackout' fault`)
    case 'delay': {
      if (typeof action.ms === 'number') {
        checkNumber(`${where}.ms`, action.ms, 0, MAX_TIMER)
        return
      }
      const [min, max] = Array.isArray(action.ms) ? action.ms : []
      checkNumber(`${where}.ms[0]`, min, 0, MAX_TIMER)
      checkNumber(`${where}.ms[1]`, max, min ?? 0, MAX_TIMER)
      return
    }
    case 'throttle':
      checkNumber(`${where}.bytesPerSecond`, action.bytesPerSecond, 1, Number.MAX_VALUE)
      return
    case 'hang':
    case 'blackout':
      return
    default: {
      const kinds = "'error', 'delay', 'hang', 'blackout', 'throttle' or (not inside another) 'transient'"
      throw new TypeError(`${where}.kind is ${show((action as { kind?: unknown }).kind)}: use ${kinds}`)
    }
  }
}
