/** Telling others what becomes of requests: for logs, metrics and traces. */

import type { RequestInfo } from './errors.ts'
import type { Exchange } from './exchange.ts'

/** What a hook is told. */
export interface TraceEvent {
  /** The method of the request at that moment: a redirect may change it. */
  readonly method: string
  /** Without credentials and fragment. */
  readonly url: string
  /** Milliseconds since the request began. */
  readonly elapsed: number
  /** An object for each request, the same for all its events: hooks keep what they like in it. */
  readonly context: Record<PropertyKey, unknown>
}

/** A response has come, or a redirect, or one that is asked for again. */
export interface TraceAnswer extends TraceEvent {
  /** The status code. */
  readonly status: number
}

/** The request failed, or was cancelled. */
export interface TraceFailure extends TraceEvent {
  /** What it threw. */
  readonly error: unknown
}

/** Bytes of a body have come, as they were sent: not decompressed. */
export interface TraceChunk extends TraceEvent {
  /** How many bytes. */
  readonly bytes: number
}

/**
 * Hooks that are told what becomes of each request, at once. They return nothing, and what they throw is
 * reported as a warning. Headers that carry a trace are a middleware's work.
 */
export interface ClientTrace {
  /** A request was awaited. */
  onRequestStart?(event: TraceEvent): void
  /** It waits in line, since no connection is free. */
  onConnectionQueued?(event: TraceEvent): void
  /** A connection is being made for it. */
  onConnectionCreate?(event: TraceEvent): void
  /** That connection is there. */
  onConnectionCreated?(event: TraceEvent): void
  /** It got a connection that was kept. */
  onConnectionReuse?(event: TraceEvent): void
  /** Head and body were handed to the system. */
  onRequestSent?(event: TraceEvent): void
  /** It was redirected, and is sent again to where that leads. */
  onRequestRedirect?(event: TraceAnswer): void
  /** It is tried again; the status is 0 where it failed without one. */
  onRequestRetry?(event: TraceAnswer): void
  /** A part of a body has come; before `onRequestEnd` or after it. */
  onResponseChunk?(event: TraceChunk): void
  /** The response was handed out. Its body may still be on its way. */
  onRequestEnd?(event: TraceAnswer): void
  /** In place of `onRequestEnd`: it threw, or was cancelled. */
  onRequestError?(event: TraceFailure): void
}

type Plain =
  | 'onRequestStart'
  | 'onConnectionQueued'
  | 'onConnectionCreate'
  | 'onConnectionCreated'
  | 'onConnectionReuse'
  | 'onRequestSent'

/** The hooks, at work for one request. */
export class Tracing {
  private readonly hooks: ClientTrace
  private readonly context: Record<PropertyKey, unknown> = {}
  private readonly begun = performance.now()

  constructor(hooks: ClientTrace) {
    this.hooks = hooks
  }

  tell(name: Plain, request: RequestInfo): void {
    guard(() => this.hooks[name]?.(this.event(request)))
  }

  tellChunk(exchange: Exchange, { length }: Uint8Array): void {
    guard(() => this.hooks.onResponseChunk?.({ ...this.event(exchange), bytes: length }))
  }

  tellAnswer(
    name: 'onRequestRedirect' | 'onRequestRetry' | 'onRequestEnd',
    request: RequestInfo,
    status: number,
  ): void {
    guard(() => this.hooks[name]?.({ ...this.event(request), status }))
  }

  tellFailure(request: RequestInfo, error: unknown): void {
    guard(() => this.hooks.onRequestError?.({ ...this.event(request), error }))
  }

  private event({ method, url }: RequestInfo): TraceEvent {
    return { method, url, elapsed: performance.now() - this.begun, context: this.context }
  }
}

/** A hook that throws must not end what it watches. */
function guard(tell: () => void): void {
  try {
    tell()
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.emitWarning(`A hook of a ClientSession's trace threw: ${said}`, 'PolvoWarning')
  }
}
