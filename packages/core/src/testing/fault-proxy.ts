/**
 * A TCP proxy in front of a server on this machine that injects faults, for the tests of everything that talks to a
 * network. It owns the listening socket and the log; faults.ts draws the faults, relay.ts carries them out. It is built
 * on node:net callbacks alone, so that it can test the runtime without trusting it.
 */
import { type AddressInfo, createServer, type NetConnectOpts, type Server } from 'node:net'
import { checkInteger, MAX_TIMER, show } from './arguments.ts'
import type { FaultRecord } from './exchange.ts'
import { checkFaults, Draw, type Fault, type FaultKind, type Strike } from './faults.ts'
import { Relay, type RelayHost } from './relay.ts'

/** The server behind the proxy: a TCP port, on 127.0.0.1 by default, or a Unix socket. */
export type FaultProxyTarget =
  | { readonly host?: string; readonly port: number }
  /** A Unix socket. */
  | { readonly path: string }

/** What `faultProxy` takes. */
export interface FaultProxyOptions {
  /** The server behind the proxy. It need not be up yet. */
  readonly target: FaultProxyTarget
  /** What a fault strikes: a connection ('tcp', the default) or a request and its response ('http'). */
  readonly protocol?: 'tcp' | 'http'
  /** Where to listen; by default 127.0.0.1. */
  readonly host?: string
  /** The port to listen at; by default 0, for any that is free. */
  readonly port?: number
  /** An integer; the same seed and the same order of requests give the same faults. Default 0. */
  readonly seed?: number
  /** How many connections may wait to be accepted (the system may allow fewer). Default 2048. */
  readonly backlog?: number
  /** Alternatives of one draw; their probabilities sum to at most 1, the remainder is left alone. Default none. */
  readonly faults?: readonly Fault[]
}

/** What a fault proxy has seen so far; a snapshot. */
export interface FaultProxyStats {
  /** Connections accepted so far. */
  readonly connections: number
  /** Connections that are open now. */
  readonly openConnections: number
  /** The most that were open at once. */
  readonly maxConnections: number
  /** What a fault could strike so far: requests, or connections in tcp. */
  readonly requests: number
  /** Those of them that are under way now. */
  readonly inFlight: number
  /** The most that were under way at once. */
  readonly maxInFlight: number
  /** Connections on which one side stopped talking HTTP, so that the rest passed unread. */
  readonly malformed: number
  /** How many were struck, by kind. A kind that has not struck is 0. */
  readonly faults: Readonly<Record<FaultKind, number>>
}

/**
 * Starts a proxy and resolves when it listens. Rejects with a TypeError or RangeError that names a bad option, and
 * with the system's error when it cannot listen.
 *
 * ```ts
 * await using proxy = await faultProxy({
 *   target: { port: 8001 }, protocol: 'http', seed: 42,
 *   faults: [{ kind: 'error', probability: 0.25, status: 503 }, { kind: 'delay', probability: 0.5, ms: 500 }],
 * })
 * await fetch(`${proxy.url}/flags/br/br.gif`)
 * ```
 */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { host = '127.0.0.1', port = 0, backlog = 2048, seed = 0, protocol = 'tcp', faults = [] } = options
  if (protocol !== 'tcp' && protocol !== 'http') {
    throw new TypeError(`protocol is ${show(protocol)}: use 'tcp' or 'http'`)
  }
  checkInteger('port', port, 0, 65_535)
  checkInteger('backlog', backlog, 1, MAX_TIMER)
  checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  checkFaults(faults, protocol)
  const target = checkTarget(options.target)
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return new FaultProxy(server, { host, protocol, target, seed, faults })
}

/** A running proxy; `faultProxy()` makes it. Disposing of it closes it. */
export class FaultProxy {
  /** What a fault strikes: a connection, or a request. */
  readonly protocol: 'tcp' | 'http'
  /** Where it listens. */
  readonly host: string
  /** The port it listens at. */
  readonly port: number
  /** The seed of the draws. */
  readonly seed: number
  /** One record per request (http) or connection (tcp), by number; a record changes until it is finished. */
  readonly log: readonly FaultRecord[]
  readonly #records: FaultRecord[] = []
  readonly #server: Server
  readonly #relays = new Set<Relay>()
  readonly #struck: Record<FaultKind, number> = {
    error: 0,
    delay: 0,
    hang: 0,
    blackout: 0,
    throttle: 0,
    transient: 0,
  }
  #draw: Draw
  #connections = 0
  #openConnections = 0
  #maxConnections = 0
  #inFlight = 0
  #maxInFlight = 0
  #malformed = 0
  #closed: Promise<void> | undefined

  /** @internal */
  constructor(
    server: Server,
    settings: Required<Pick<FaultProxyOptions, 'host' | 'protocol' | 'seed' | 'faults'>> & {
      readonly target: NetConnectOpts
    },
  ) {
    this.protocol = settings.protocol
    this.host = settings.host
    this.port = (server.address() as AddressInfo).port
    this.seed = settings.seed
    this.log = this.#records
    this.#server = server
    this.#draw = new Draw(settings.seed, settings.protocol, settings.faults)
    this.#serve(settings.target)
  }

  /** `http://127.0.0.1:8002`; `tcp://…` in tcp. */
  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host
    return `${this.protocol}://${host}:${this.port}`
  }

  /** How many there were of each; a snapshot. */
  stats(): FaultProxyStats {
    return {
      connections: this.#connections,
      openConnections: this.#openConnections,
      maxConnections: this.#maxConnections,
      requests: this.#records.length,
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
      malformed: this.#malformed,
      faults: { ...this.#struck },
    }
  }

  /**
   * Replaces the faults for what arrives from now on; what is under way keeps its own. Numbers go on, and transient
   * faults start afresh. Throws as `faultProxy()` does for bad ones, and changes nothing then.
   */
  setFaults(faults: readonly Fault[]): void {
    checkFaults(faults, this.protocol)
    this.#draw = new Draw(this.seed, this.protocol, faults)
  }

  /** Stops accepting, destroys what is open and resolves when it is closed. A second call returns the same promise. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  /** For `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #closeAll(): Promise<void> {
    const stopped = new Promise((resolve) => this.#server.close(resolve))
    await Promise.all([stopped, ...Array.from(this.#relays, (relay) => relay.close())])
  }

  #serve(target: NetConnectOpts): void {
    const host: RelayHost = {
      isHttp: this.protocol === 'http',
      target,
      admit: (method, path) => this.#admit(method, path),
      finished: () => {
        this.#inFlight--
      },
      malformed: () => {
        this.#malformed++
      },
      gone: (relay) => this.#relays.delete(relay),
    }
    this.#server.on('connection', (client) => {
      this.#connections++
      this.#openConnections++
      this.#maxConnections = Math.max(this.#maxConnections, this.#openConnections)
      client.on('close', () => {
        this.#openConnections--
      })
      this.#relays.add(new Relay(client, host))
    })
  }

  #admit(method: string, path: string): { record: FaultRecord; strike: Strike | null } {
    const number = this.#records.length + 1
    const [fault, strike] = this.#draw.next(number, `${method} ${path}`)
    if (fault !== null) this.#struck[fault]++
    this.#inFlight++
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight)
    const record: FaultRecord = {
      number,
      method,
      path,
      fault,
      received: performance.now(),
      inFlight: this.#inFlight,
      firstByte: null,
      finished: null,
      heldMs: 0,
      bytesIn: 0,
      bytesOut: 0,
      status: null,
      ended: null,
    }
    this.#records.push(record)
    return { record, strike }
  }
}

function checkTarget(target: FaultProxyTarget | undefined): NetConnectOpts {
  const keepOpen = { allowHalfOpen: true, noDelay: true }
  if (target !== undefined && 'path' in target) {
    if (typeof target.path === 'string' && target.path !== '') return { path: target.path, ...keepOpen }
    throw new TypeError(`target.path is ${show(target.path)}: give the path of a Unix socket`)
  }
  checkInteger('target.port', target?.port, 1, 65_535)
  return { host: target?.host ?? '127.0.0.1', port: target!.port, ...keepOpen }
}
